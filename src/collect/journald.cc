#include "collect/journald.h"

#include "collect/journal_library.h"
#include "ingest/record_intake.h"

namespace livedata::collect {
namespace {

constexpr int kMaxEntriesPerPoll = 5000;

}  // namespace

class Journald::Impl {
 public:
  Impl(JournaldOptions options, Sink sink, const Bookmarks& saved, const Limits& limits,
       const Clock& clock)
      : options_(std::move(options)),
        key_(fmt::format("journal:{}", options_.machine)),
        sink_(std::move(sink)),
        limits_(limits),
        clock_(clock) {
    if (const auto cursor = saved.find(key_); cursor != saved.end()) cursor_ = cursor->second;
  }
  ~Impl() {
    if (journal_ != nullptr) library_->close(journal_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> open() {
    LIVEDATA_TRY(library_, JournalLibrary::load());
    const int opened =
        options_.journal_folder.empty()
            ? library_->open(&journal_, SD_JOURNAL_LOCAL_ONLY)
            : library_->open_directory(&journal_, options_.journal_folder.c_str(), 0);
    if (opened < 0) return journal_error("open", opened);
    // Without an entry at all there is no journald, or none that we may read.
    library_->seek_head(journal_);
    if (library_->next(journal_) <= 0)
      return fail(ErrorCode::kUnavailable, "the journal is empty or may not be read");
    library_->get_fd(journal_);  // starts watching for new files, where the kernel lets us
    return seek();
  }

  Result<void> poll() {
    library_->process(journal_);
    const ingest::DecodeContext context{limits_, clock_.now(), "journal", options_.pipelines};
    ingest::RecordIntake intake(context);
    int taken = 0;
    while (taken < kMaxEntriesPerPoll && library_->next(journal_) > 0) {
      const TimestampNs time = library_->read_entry(journal_, entry_);
      if (options_.filter.wants(entry_)) entry_.hand_over(time, options_.host, intake);
      ++taken;
    }
    if (taken == 0) return {};
    std::string cursor = library_->read_cursor(journal_);
    if (cursor.empty()) cursor = cursor_;
    if (auto stored = sink_(intake.take(), {{key_, cursor}}); !stored) {
      static_cast<void>(seek());  // the same entries again, next time
      return stored;
    }
    cursor_ = std::move(cursor);
    return {};
  }

 private:
  /// To the entry behind the last one that was taken, else to the start of the backlog.
  Result<void> seek() {
    if (!cursor_.empty() && library_->seek_behind(journal_, cursor_)) return {};
    const TimestampNs from = clock_.now() - options_.backlog.count();
    const int sought = library_->seek_realtime(journal_, static_cast<std::uint64_t>(from / 1000));
    return sought < 0 ? Result<void>(journal_error("seek in", sought)) : Result<void>();
  }

  const JournaldOptions options_;
  const std::string key_;
  const Sink sink_;
  const Limits& limits_;
  const Clock& clock_;
  std::unique_ptr<JournalLibrary> library_;
  ingest::journal::Entry entry_;
  sd_journal* journal_ = nullptr;
  std::string cursor_;
};

Journald::Journald(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Journald::~Journald() = default;

Result<std::unique_ptr<Journald>> Journald::open(JournaldOptions options, Sink sink,
                                                 const Bookmarks& saved, const Limits& limits,
                                                 const Clock& clock) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(sink), saved, limits, clock);
  LIVEDATA_RETURN_IF_ERROR(impl->open());
  return std::unique_ptr<Journald>(
      new Journald(std::move(impl)));  // NOLINT: the constructor is private
}

Result<void> Journald::poll() { return impl_->poll(); }

}  // namespace livedata::collect
