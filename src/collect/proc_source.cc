#include "collect/proc_source.h"

#include <fcntl.h>
#include <unistd.h>

namespace livedata::collect {

std::optional<std::string> read_small_file(const Path& path, std::size_t max_bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string content(max_bytes, '\0');
  const ssize_t n = ::read(fd, content.data(), content.size());
  ::close(fd);
  if (n < 0) return std::nullopt;
  content.resize(static_cast<std::size_t>(n));
  return content;
}

}  // namespace livedata::collect
