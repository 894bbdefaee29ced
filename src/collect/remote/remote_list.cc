#include "collect/remote/remote_list.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "ingest/pipeline/settings/options.h"

namespace livedata::collect::remote {
namespace {

using ingest::pipeline::Node;
using ingest::pipeline::Options;
using ingest::pipeline::Scope;

constexpr std::size_t kMaxFileBytes = 4U << 20U;

tl::unexpected<Error> failed(std::string_view what, const Path& path) {
  const int error = errno;
  return fail(
      error == EACCES || error == EPERM ? ErrorCode::kPermissionDenied : ErrorCode::kIoError,
      "{} {}: {}", what, path.string(), std::generic_category().message(error));
}

/// Closes a file descriptor at the end of the scope.
class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

Result<RemoteSpec> read_spec(const Node& node, const Scope& scope) {
  if (node.kind != Node::Kind::kMap)
    return scope.wrong(node, "a map with 'name' and 'destination' is expected");
  Options options(node, scope);
  RemoteSpec spec;
  spec.name = options.text("name");
  spec.destination = options.text("destination");
  spec.ssh_options = options.list("ssh_options");
  spec.journal_folder = options.text("journal_folder");
  spec.journal = options.flag("journal", true);
  spec.files = options.list("files");
  LIVEDATA_RETURN_IF_ERROR(options.finish());
  if (const auto checked = check_spec(spec); !checked)
    return scope.wrong(node, checked.error().message);
  return spec;
}

/// YAML's double quotes; the texts are printable.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

void append_list(std::string& out, std::string_view key, const std::vector<std::string>& values) {
  if (values.empty()) return;
  out += fmt::format("    {}:\n", key);
  for (const std::string& value : values) out += fmt::format("      - {}\n", in_quotes(value));
}

}  // namespace

Result<std::vector<RemoteSpec>> parse_remotes(std::string_view yaml_text,
                                              std::string_view file_name) {
  LIVEDATA_TRY(const Node section, ingest::pipeline::read_section(yaml_text, file_name, "remotes"));
  std::vector<RemoteSpec> remotes;
  if (section.kind == Node::Kind::kNull) return remotes;
  const Scope scope{std::string(file_name), "remotes"};
  if (section.kind != Node::Kind::kList || section.items.size() > kMaxRemotes)
    return scope.wrong(section, fmt::format("a list of up to {} remotes is expected", kMaxRemotes));
  std::set<std::string> names;
  for (const Node& node : section.items) {
    LIVEDATA_TRY(RemoteSpec spec, read_spec(node, scope));
    if (!names.insert(spec.name).second)
      return scope.wrong(node, fmt::format("the name '{}' is there twice", spec.name));
    remotes.push_back(std::move(spec));
  }
  return remotes;
}

std::string format_remotes(const std::vector<RemoteSpec>& remotes) {
  std::string out =
      "# Machines that livedata watches over SSH; see `livedata remote --help`. Holds no secrets.\n"
      "remotes:\n";
  for (const RemoteSpec& spec : remotes) {
    out += fmt::format("  - name: {}\n    destination: {}\n", in_quotes(spec.name),
                       in_quotes(spec.destination));
    append_list(out, "ssh_options", spec.ssh_options);
    if (!spec.journal_folder.empty())
      out += fmt::format("    journal_folder: {}\n", in_quotes(spec.journal_folder));
    if (!spec.journal) out += "    journal: false\n";
    append_list(out, "files", spec.files);
  }
  return out;
}

Result<std::vector<RemoteSpec>> RemoteList::load() const {
  const OpenFile file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::vector<RemoteSpec>();
    return failed("can't read", path_);
  }
  std::string text(kMaxFileBytes, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = ::read(file.fd(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("can't read", path_);
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size == text.size())
    return fail(ErrorCode::kTooLarge, "{} is larger than {} bytes", path_.string(), size);
  text.resize(size);
  return parse_remotes(text, path_.string());
}

Result<void> RemoteList::change(
    const std::function<Result<void>(std::vector<RemoteSpec>&)>& change) const {
  const Path lock_path = path_.parent_path() / "remotes.lock";
  const OpenFile lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.fd() < 0) return failed("can't lock", lock_path);
  while (::flock(lock.fd(), LOCK_EX) != 0) {
    if (errno != EINTR) return failed("can't lock", lock_path);
  }
  LIVEDATA_TRY(std::vector<RemoteSpec> remotes, load());
  LIVEDATA_RETURN_IF_ERROR(change(remotes));
  if (remotes.size() > kMaxRemotes)
    return fail(ErrorCode::kResourceExhausted, "there are {} remotes already", kMaxRemotes);
  return store(format_remotes(remotes));
}

Result<void> RemoteList::store(std::string_view text) const {
  const Path temporary = path_.string() + ".new";
  ::unlink(temporary.c_str());
  {
    const OpenFile file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.fd() < 0) return failed("can't write", temporary);
    // root may change the list of a server that runs as somebody else, who must be able to read it.
    struct stat folder{};
    if (::geteuid() == 0 && ::stat(path_.parent_path().c_str(), &folder) == 0 &&
        ::fchown(file.fd(), folder.st_uid, folder.st_gid) != 0)
      return failed("can't give away", temporary);
    while (!text.empty()) {
      const ssize_t n = ::write(file.fd(), text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failed("can't write", temporary);
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::fsync(file.fd()) != 0) return failed("can't write", temporary);
  }
  if (::rename(temporary.c_str(), path_.c_str()) != 0) return failed("can't replace", path_);
  const OpenFile folder(::open(path_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.fd() < 0 || ::fsync(folder.fd()) != 0) return failed("can't sync", path_);
  return {};
}

std::string RemoteList::version() const {
  struct stat status{};
  if (::stat(path_.c_str(), &status) != 0) return "";
  return fmt::format("{}:{}:{}.{}", status.st_ino, status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec);
}

}  // namespace livedata::collect::remote
