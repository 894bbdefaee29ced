#include "cli/files/named_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "encoding/stream_decompressor.h"

namespace livedata::cli {
namespace {

constexpr std::size_t kProbeBytes = 1024;

/// Whether a file has lines: what is compressed may have, other bytes of zero are of no text.
bool is_text(const std::filesystem::path& path) {
  std::array<char, kProbeBytes> bytes{};
  std::ifstream in(path, std::ios::binary);
  in.read(bytes.data(), bytes.size());
  const std::string_view start(bytes.data(), static_cast<std::size_t>(in.gcount()));
  return !start.empty() &&
         (encoding::detect_stream_format(start) != encoding::StreamFormat::kPlain ||
          start.find('\0') == std::string_view::npos);
}

std::vector<std::string> text_files_below(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  constexpr auto kOptions = std::filesystem::directory_options::skip_permission_denied;
  std::filesystem::recursive_directory_iterator it(folder, kOptions, error);
  for (; !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
    std::error_code unknown;
    if (it->is_regular_file(unknown) && is_text(it->path())) found.push_back(it->path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

FileFacts facts_of(const std::string& path) {
  struct stat status{};
  if (path == kStdin || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return {static_cast<std::uint64_t>(status.st_size),
          status.st_mtim.tv_sec * kNsPerSecond + status.st_mtim.tv_nsec};
}

std::string service_of(const std::string& path) {
  if (path == kStdin) return "stdin";
  std::string name = path.substr(path.rfind('/') + 1);
  for (const std::string_view ending : {".gz", ".zst"}) {
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  }
  return name;
}

std::vector<std::string> files_of(const std::vector<std::string>& arguments) {
  std::vector<std::string> files;
  for (const std::string& argument : arguments) {
    std::error_code error;
    if (argument == kStdin || !std::filesystem::is_directory(argument, error)) {
      files.push_back(argument);
      continue;
    }
    for (std::string& file : text_files_below(argument)) files.push_back(std::move(file));
  }
  return files;
}

}  // namespace livedata::cli
