#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "collect/host/snapshot_source.h"
#include "model/record_batch.h"

namespace livedata::collect::host {

/// Calls `file` for each file of a recorded tree: "==> PATH <==" and the content behind it, as
/// `tail -n +1 FILES` prints them; a NUL is written ^@.
inline void each_file(const std::string& tree,
                      const std::function<void(const std::string&, const std::string&)>& file) {
  std::ifstream in(std::string(HOST_TREES) + "/" + tree + ".tree");
  std::string path;
  std::string content;
  const auto end = [&] {
    if (!path.empty()) file(path, content);
    content.clear();
  };
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("==> ") && line.ends_with(" <==")) {
      end();
      path = line.substr(4, line.size() - 8);
      continue;
    }
    for (std::size_t at = line.find("^@"); at != std::string::npos; at = line.find("^@"))
      line.replace(at, 2, 1, '\0');
    content += line + "\n";
  }
  end();
}

/// Puts the tree's files over those that are there.
inline void put_tree(const std::string& tree, SnapshotSource& source) {
  each_file(tree, [&](const std::string& path, const std::string& content) {
    source.put(path, content);
  });
}

/// The same into a folder.
inline void write_tree(const std::string& tree, const std::filesystem::path& folder) {
  each_file(tree, [&](const std::string& path, const std::string& content) {
    const std::filesystem::path target = folder / path.substr(1);
    std::filesystem::create_directories(target.parent_path());
    std::ofstream(target) << content;
  });
}

/// The records of a batch as text, such as "cpu busy_percent=1 cores=2", one per line.
inline std::string to_text(const RecordBatch& batch) {
  std::string out;
  for (RowIndex row = 0; row < batch.num_rows(); ++row) {
    out += batch.stream(row).labels.get("source");
    for (const Field& field : batch.fields(row))
      out += " " + std::string(field.name) + "=" + to_string(field.value);
    out += "\n";
  }
  return out;
}

inline std::string golden(const std::string& name) {
  std::ifstream in(std::string(HOST_TREES) + "/" + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace livedata::collect::host
