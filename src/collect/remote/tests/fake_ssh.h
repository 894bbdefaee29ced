#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "collect/remote/remote_list.h"

namespace livedata::collect::remote {

/// A folder of a test's own, gone at its end.
class TestFolder {
 public:
  TestFolder() {
    std::string name = std::filesystem::temp_directory_path() / "livedata-remote-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  [[nodiscard]] const Path& path() const { return path_; }
  Path write(const std::string& name, const std::string& content, unsigned mode = 0644) const {
    const Path path = path_ / name;
    std::ofstream(path, std::ios::binary) << content;
    ::chmod(path.c_str(), mode);
    return path;
  }

 private:
  Path path_;
};

/// A program in ssh's place that runs the command right here, by the shell given.
inline std::string fake_ssh(const TestFolder& folder, const std::string& before = "",
                            const std::string& shell = "/bin/sh") {
  return folder
      .write("fake-ssh",
             "#!/bin/sh\nfor word; do :; done\n" + before + "\nexec " + shell + " -c \"$word\"\n",
             0755)
      .string();
}

}  // namespace livedata::collect::remote
