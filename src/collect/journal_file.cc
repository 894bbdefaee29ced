#include "collect/journal_file.h"

#include <cerrno>
#include <system_error>

#include "collect/journal_library.h"

namespace livedata::collect {
namespace {

// A field's name, and a byte that shows that a line is too long.
constexpr std::size_t kRoomForName = 256;

tl::unexpected<Error> open_error(int negative_errno) {
  const std::string text = std::generic_category().message(-negative_errno);
  switch (-negative_errno) {
    case ENOENT:
      return fail(ErrorCode::kNotFound, "the journal can't be read: {}", text);
    case EACCES:
    case EPERM:
      return fail(ErrorCode::kPermissionDenied, "the journal can't be read: {}", text);
    default:
      return fail(ErrorCode::kCorrupt, "this is no journal file, or a damaged one: {}", text);
  }
}

}  // namespace

class JournalFile::Impl {
 public:
  Impl() = default;
  ~Impl() {
    if (journal_ != nullptr) library_->close(journal_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> open(const std::vector<std::string>& paths, const std::string& cursor,
                    const Limits& limits) {
    LIVEDATA_TRY(library_, JournalLibrary::load());
    std::vector<const char*> names;
    names.reserve(paths.size() + 1);
    for (const std::string& path : paths) names.push_back(path.c_str());
    names.push_back(nullptr);
    if (const int opened = library_->open_files(&journal_, names.data(), 0); opened < 0)
      return open_error(opened);
    library_->set_data_threshold(journal_, limits.max_line_bytes + kRoomForName);
    cursor_ = cursor;
    if (!cursor.empty()) {
      return library_->seek_behind(journal_, cursor)
                 ? Result<void>()
                 : fail(ErrorCode::kInvalidArgument, "'{}' is no cursor of this journal", cursor);
    }
    const int sought = library_->seek_head(journal_);
    return sought < 0 ? Result<void>(journal_error("seek in", sought)) : Result<void>();
  }

  Result<std::size_t> read(ingest::RecordIntake& intake, std::size_t max_entries,
                           std::size_t max_bytes) {
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (; count < max_entries && bytes < max_bytes; ++count) {
      const int next = library_->next(journal_);
      if (next < 0 && count == 0) {
        return fail(ErrorCode::kCorrupt, "reading the journal: {}",
                    std::generic_category().message(-next));
      }
      if (next <= 0) break;  // damage is told of when what stood before it has been taken
      const TimestampNs time = library_->read_entry(journal_, entry_);
      entry_.hand_over(time, "", intake);
      bytes += entry_.line().size();
    }
    if (count > 0) cursor_ = library_->read_cursor(journal_);
    return count;
  }

  [[nodiscard]] const std::string& cursor() const { return cursor_; }

 private:
  std::unique_ptr<JournalLibrary> library_;
  ingest::journal::Entry entry_;
  sd_journal* journal_ = nullptr;
  std::string cursor_;
};

JournalFile::JournalFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JournalFile::~JournalFile() = default;

Result<std::unique_ptr<JournalFile>> JournalFile::open(const std::vector<std::string>& paths,
                                                       const std::string& cursor,
                                                       const Limits& limits) {
  auto impl = std::make_unique<Impl>();
  LIVEDATA_RETURN_IF_ERROR(impl->open(paths, cursor, limits));
  // NOLINTNEXTLINE: the constructor is private
  return std::unique_ptr<JournalFile>(new JournalFile(std::move(impl)));
}

Result<std::size_t> JournalFile::read(ingest::RecordIntake& intake, std::size_t max_entries,
                                      std::size_t max_bytes) {
  return impl_->read(intake, max_entries, max_bytes);
}

const std::string& JournalFile::cursor() const { return impl_->cursor(); }

}  // namespace livedata::collect
