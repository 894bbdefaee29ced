#include "collect/files/log_files.h"

#include <algorithm>

#include "ingest/record_intake.h"

namespace livedata::collect {
namespace {

constexpr auto kStepTime = std::chrono::milliseconds(200);
constexpr auto kMinRetry = std::chrono::milliseconds(100);
constexpr auto kMaxRetry = std::chrono::seconds(5);
constexpr auto kMovedRetry = std::chrono::seconds(1);
constexpr auto kBackfillPause = std::chrono::milliseconds(20);
constexpr auto kSweepPause = std::chrono::milliseconds(100);
constexpr std::size_t kMaxFilesInBatch = 1000;
/// Each of them holds up to 128 MiB of what it decompressed before.
constexpr std::size_t kMaxDecompressing = 4;
constexpr std::int64_t kNsPerMillisecond = 1'000'000;

bool is_closable(const LogContent& content) {
  return content.source != nullptr && !content.is_queued && !content.wake_at &&
         content.has_name() && !content.is_compressed();
}

std::unique_ptr<FolderWatch> open_watch(const LogFilesOptions& options, Logger& logger) {
  if (!options.use_inotify) return nullptr;
  auto watch = FolderWatch::open();
  if (watch == nullptr) {
    logger.warn(
        "the kernel does not tell of changes to files (see fs.inotify.max_user_instances); "
        "they are looked at every few seconds");
  }
  return watch;
}

}  // namespace

/// What goes to the sink at once.
struct LogFiles::Batch {
  struct Part {
    LogContent* content = nullptr;
    Position next;
    ingest::RepeatedTimes::Marks times_before;
    bool is_finished = false;
  };

  explicit Batch(const ingest::DecodeContext& of_lines) : context(of_lines), intake(context) {}

  ingest::DecodeContext context;
  ingest::RecordIntake intake;
  std::vector<Part> parts;
  std::vector<std::pair<LogContent*, ContentReader::Outcome>> surprises;
  std::size_t bytes = 0;
  std::size_t turns = 0;
  std::uint64_t lines = 0;
  std::uint64_t cut = 0;
};

LogFiles::LogFiles(LogFilesOptions options, Sink sink, const Bookmarks& saved, const Limits& limits,
                   const Clock& clock, Logger& logger, MetricRegistry& metrics)
    : options_(std::move(options)),
      sink_(std::move(sink)),
      limits_(limits),
      clock_(clock),
      counters_(metrics),
      tree_(options_.sets, open_watch(options_, logger), clock, logger),
      reader_({limits, options_.host, options_.pipelines}, clock, logger, counters_),
      table_(options_.sets, tree_, reader_,
             {.ready = [this](LogContent& content) { enqueue(content); },
              .forgotten = [this](LogContent& content) { drop(content); }},
             clock, logger, counters_),
      backfill_at_(clock.steady_now()),
      backfill_bytes_(static_cast<std::int64_t>(options_.backfill_bytes_per_second / 4)) {
  table_.load(saved);
}

LogFiles::~LogFiles() = default;

void LogFiles::enqueue(LogContent& content) {
  if (content.is_queued) return;
  content.is_queued = true;
  sleepers_.erase(&content);
  queue_.push_back(&content);
}

void LogFiles::drop(LogContent& content) {
  sleepers_.erase(&content);
  std::erase(queue_, &content);
}

void LogFiles::look(SteadyTime now) {
  tree_.take_events([this](SeenFile& file) { table_.written(file); });
  table_.settle();
  const bool polls = !next_poll_ || now >= *next_poll_;
  const auto next_look = tree_.next_look();
  if (!polls && !(next_look && now >= *next_look)) return;
  table_.take(tree_.look(polls), polls);
  if (!polls) return;
  table_.tidy();
  table_.for_each([&](LogContent& content) {
    if (is_closable(content) && now - content.last_turn >= options_.idle_time)
      reader_.close(content);
  });
  // Many files must not cost more than a hundredth of a core.
  const auto end = clock_.steady_now();
  next_poll_ = end + std::max<std::chrono::nanoseconds>(options_.poll_interval, (end - now) * 100);
}

void LogFiles::wake_sleepers(SteadyTime now) {
  std::vector<LogContent*> awake;
  for (LogContent* content : sleepers_) {
    if (content->wake_at && *content->wake_at <= now) awake.push_back(content);
  }
  for (LogContent* content : awake) enqueue(*content);
}

Result<void> LogFiles::step() {
  const auto begin = clock_.steady_now();
  look(begin);
  wake_sleepers(begin);
  Result<void> outcome;
  for (auto now = begin; now - begin <= kStepTime; now = clock_.steady_now()) {
    if (retry_at_ && now < *retry_at_) break;
    Batch batch({limits_, clock_.now(), "file", options_.pipelines});
    fill(batch, now);
    auto delivered = deliver(batch, now);
    meet_surprises(batch);
    if (!delivered) {
      outcome = fail(std::move(delivered).error());
      break;
    }
    if (!*delivered) break;
    tree_.take_events([this](SeenFile& file) { table_.written(file); });
  }
  if (counters_.open.load() > options_.max_open_files) close_idle(clock_.steady_now());
  update_gauges();
  return outcome;
}

bool LogFiles::may_read(const LogContent& content) const {
  const bool is_backlog = content.reading.offset < content.backlog_end;
  return !is_backlog || options_.backfill_bytes_per_second == 0 || backfill_bytes_ > 0;
}

void LogFiles::refill_backfill(SteadyTime now) {
  const auto passed = std::chrono::duration_cast<std::chrono::nanoseconds>(now - backfill_at_);
  const auto rate = static_cast<std::int64_t>(options_.backfill_bytes_per_second);
  const std::int64_t milliseconds =
      std::min<std::int64_t>(passed.count() / kNsPerMillisecond, 1000);
  if (milliseconds == 0) return;
  backfill_at_ = now;
  backfill_bytes_ = std::min(backfill_bytes_ + rate * milliseconds / 1000, rate / 4 + 1);
}

void LogFiles::fill(Batch& batch, SteadyTime now) {
  refill_backfill(now);
  std::vector<LogContent*> round(queue_.begin(), queue_.end());
  queue_.clear();
  std::size_t decompressing = 0;
  for (const LogContent* content : round) decompressing += content->is_compressed() ? 1U : 0U;
  backfill_waits_ = false;
  std::vector<LogContent*> left;
  // What was there before waits for what is new, but gets its share.
  for (const bool backlog : {false, true}) {
    const std::size_t share = backlog ? 0 : options_.batch_bytes / 4;
    const std::size_t full = options_.batch_bytes - share;
    for (LogContent*& content : round) {
      if (content == nullptr) continue;
      if ((content->reading.offset < content->backlog_end) != backlog) continue;
      LogContent* chosen = std::exchange(content, nullptr);
      const bool paces = !may_read(*chosen);
      backfill_waits_ = backfill_waits_ || paces;
      const bool opens_another = chosen->backlog_end == UINT64_MAX && chosen->source == nullptr;
      if (paces || batch.bytes >= full || batch.turns >= kMaxFilesInBatch ||
          (opens_another && decompressing >= kMaxDecompressing) || waits_for_older(*chosen)) {
        left.push_back(chosen);
        continue;
      }
      decompressing += opens_another ? 1U : 0U;
      take_turn(*chosen, batch);
    }
  }
  // Who had no turn is next.
  queue_.insert(queue_.begin(), left.begin(), left.end());
}

/// Lines are read in the order they were written in, as far as nobody waits long for that.
bool LogFiles::waits_for_older(const LogContent& content) {
  for (const auto& older : content.log->contents) {
    if (older.get() != &content && older->number < content.number && older->is_queued &&
        older->file != nullptr && older->reading.offset >= older->backlog_end) {
      return true;
    }
  }
  return false;
}

void LogFiles::take_turn(LogContent& content, Batch& batch) {
  content.is_queued = false;
  sleepers_.erase(&content);
  const auto times_before = content.log->times.marks();
  const bool is_backlog = content.reading.offset < content.backlog_end;
  auto turn = reader_.turn(content, options_.turn_bytes, batch.intake);
  batch.bytes += turn.bytes;
  batch.lines += turn.lines;
  batch.cut += turn.lines_cut;
  ++batch.turns;
  if (is_backlog) backfill_bytes_ -= static_cast<std::int64_t>(turn.bytes);
  const bool is_finished = turn.outcome == ContentReader::Outcome::kFinished;
  if (turn.moved_on) {
    batch.parts.push_back({&content, std::move(turn.next), times_before, is_finished});
  } else if (is_finished) {
    table_.finished(content);
    return;
  }
  after_turn(content, turn.outcome, batch);
}

void LogFiles::after_turn(LogContent& content, ContentReader::Outcome outcome, Batch& batch) {
  using Outcome = ContentReader::Outcome;
  switch (outcome) {
    case Outcome::kMore:
      enqueue(content);
      return;
    case Outcome::kReplaced:
    case Outcome::kNotText:
      batch.surprises.emplace_back(&content, outcome);
      return;
    case Outcome::kMoved:
      tree_.doubt(*content.file);
      content.wake_at = clock_.steady_now() + kMovedRetry;
      break;
    case Outcome::kFinished:
    case Outcome::kCaughtUp:
    case Outcome::kFailed:
      break;
  }
  if (content.wake_at) sleepers_.insert(&content);
  if (counters_.open.load() > options_.max_open_files && is_closable(content))
    reader_.close(content);
}

/// False: there was nothing to deliver.
Result<bool> LogFiles::deliver(Batch& batch, SteadyTime now) {
  auto decoded = batch.intake.take();
  Bookmarks bookmarks = table_.changes();
  for (const Batch::Part& part : batch.parts)
    bookmarks[LogTable::key_of(*part.content)] = part.next.to_text();
  if (decoded.batch.empty() && decoded.rejected.empty() && bookmarks.empty())
    return batch.turns > 0;
  if (auto stored = sink_(std::move(decoded), std::move(bookmarks)); !stored) {
    take_back(batch);
    retry_pause_ = std::clamp<std::chrono::nanoseconds>(retry_pause_ * 2, kMinRetry, kMaxRetry);
    retry_at_ = now + retry_pause_;
    return fail(std::move(stored).error());
  }
  retry_at_.reset();
  retry_pause_ = std::chrono::nanoseconds(0);
  counters_.lines.add(batch.lines);
  counters_.bytes.add(batch.bytes);
  counters_.lines_cut.add(batch.cut);
  table_.changes_stored();
  for (Batch::Part& part : batch.parts) table_.stored(*part.content, std::move(part.next));
  for (const Batch::Part& part : batch.parts) {
    if (part.is_finished) table_.finished(*part.content);
  }
  return true;
}

/// Contents change hands only when nothing of them is on its way to the sink.
void LogFiles::meet_surprises(const Batch& batch) {
  for (const auto& [content, outcome] : batch.surprises) {
    if (content->file == nullptr) continue;
    if (outcome == ContentReader::Outcome::kNotText) {
      table_.is_no_text(*content);
    } else {
      table_.replaced(*content);
    }
  }
  table_.settle();
}

void LogFiles::take_back(Batch& batch) {
  for (auto part = batch.parts.rbegin(); part != batch.parts.rend(); ++part) {
    part->content->log->times.set_marks(part->times_before);
    part->content->go_back();
    enqueue(*part->content);
  }
}

void LogFiles::close_idle(SteadyTime now) {
  if (now < next_sweep_) return;
  next_sweep_ = now + kSweepPause;
  std::vector<LogContent*> idle;
  table_.for_each([&](LogContent& content) {
    if (is_closable(content)) idle.push_back(&content);
  });
  std::sort(idle.begin(), idle.end(),
            [](const LogContent* a, const LogContent* b) { return a->last_turn < b->last_turn; });
  for (LogContent* content : idle) {
    if (counters_.open.load() <= options_.max_open_files * 3 / 4) break;
    reader_.close(*content);
  }
}

void LogFiles::update_gauges() {
  std::uint64_t lag = 0;
  for (const LogContent* content : queue_) {
    if (content->file == nullptr) continue;
    const std::uint64_t size = content->file->status.size;
    lag += size - std::min(size, content->reading.offset);
  }
  counters_.lag_bytes.store(lag);
  counters_.followed.store(tree_.num_files());
}

std::chrono::nanoseconds LogFiles::wait_time() const {
  const auto now = clock_.steady_now();
  const auto until = [now](SteadyTime at) {
    return std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(at - now));
  };
  std::chrono::nanoseconds wait = next_poll_ ? until(*next_poll_) : std::chrono::nanoseconds(0);
  if (const auto next = tree_.next_look()) wait = std::min(wait, until(*next));
  for (const LogContent* content : sleepers_) {
    if (content->wake_at) wait = std::min(wait, until(*content->wake_at));
  }
  if (retry_at_ && *retry_at_ > now) return std::min(wait, until(*retry_at_));
  if (queue_.empty()) return wait;
  return backfill_waits_ ? std::min<std::chrono::nanoseconds>(wait, kBackfillPause)
                         : std::chrono::nanoseconds(0);
}

}  // namespace livedata::collect
