#include "collect/files/content_reader.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "base/time_format.h"
#include "collect/files/copy_detection.h"
#include "collect/files/line_splitter.h"
#include "ingest/log_time.h"
#include "ingest/pipeline/pipeline.h"

namespace livedata::collect {
namespace {

/// How long a file that was rotated away must be quiet until its last line counts as whole, and
/// until nobody is expected to write to a deleted one any more.
constexpr auto kQuiet = std::chrono::seconds(1);
/// The same for a file that was moved to where it can't be found.
constexpr auto kAwayQuiet = std::chrono::seconds(60);
/// The same for the rest of a compressed file, after which it is damaged.
constexpr auto kCompressingQuiet = std::chrono::seconds(60);
constexpr std::size_t kLineEndBytes = 16;  // and more than the end of a line takes
constexpr auto kRetry = std::chrono::seconds(5);
/// A line that states no time belongs to the one before, as long as that is so fresh.
constexpr auto kSameTime = std::chrono::seconds(5);

constexpr std::string_view kMayNotRead =
    "may not be read; add livedata's user to the group that may, such as adm";

/// Service of a log file: its folder's name below the log folder, else the file's name without
/// endings.
std::string service_of(const Path& path) {
  std::string parent = path.parent_path().filename().string();
  if (parent != "log" && parent != "logs" && !parent.empty()) return parent;
  const std::string name = path.filename().string();
  return name.substr(0, name.find('.'));
}

void wake(LogContent& content, SteadyTime at) {
  content.wake_at = content.wake_at ? std::min(*content.wake_at, at) : at;
}

}  // namespace

/// What a turn read of the file.
struct ContentReader::Window {
  std::string_view bytes;    // a bit of what was read before, then what is new
  std::string_view head;     // the first bytes of the file, unless their hash is known
  std::uint64_t begin = 0;   // offset of bytes
  std::uint64_t offset = 0;  // of what is new
  bool at_end = false;       // the file ends here
  bool is_good = false;      // the file has what was read before

  [[nodiscard]] std::uint64_t end() const { return begin + bytes.size(); }
  [[nodiscard]] std::string_view text() const { return bytes.substr(offset - begin); }
};

/// Makes records of a content's lines.
class ContentReader::Lines {
 public:
  Lines(ContentReader& reader, LogContent& content, ingest::RecordIntake& intake)
      : reader_(reader),
        content_(content),
        intake_(intake),
        now_(intake.now()),
        steady_now_(reader.clock_.steady_now()) {
    if (content.set->modification_time && content.file != nullptr)
      modified_ = format_rfc3339(content.file->status.modified);
  }

  void take(const RawLine& line) {
    num_lines += line.continues ? 0 : 1;
    num_cut += line.is_cut ? 1 : 0;
    const std::string_view text = to_utf8(line.text, content_.encoding, utf8_);
    if (content_.joiner == nullptr || line.continues || line.is_cut) {
      flush();
      add(text, line.continues);
    } else {
      content_.joiner->push(text, {.tag = line.begin}, steady_now_, emit_);
    }
  }
  void flush() {
    if (content_.joiner != nullptr) content_.joiner->flush(emit_);
  }
  void flush_if_idle() {
    if (content_.joiner != nullptr) content_.joiner->flush_if_idle(steady_now_, emit_);
  }

  std::uint64_t num_lines = 0;
  std::uint64_t num_cut = 0;

  void add(std::string_view text, bool continues) {
    if (!slot_) {
      // Lines are joined here, where those that wait for others can be read again.
      slot_ = intake_.stream(reader_.labels_of(content_), ingest::RecordIntake::Lines::kAreWhole,
                             &content_.log->times);
    }
    fields_.clear();
    if (continues) fields_.push_back({"continuation", true});
    if (!modified_.empty()) fields_.push_back({"file_modified", std::string_view(modified_)});
    intake_.add(*slot_, time_of(text, continues), text, fields_);
  }

 private:
  TimestampNs time_of(std::string_view text, bool continues) {
    const auto stated = continues ? std::nullopt : ingest::parse_log_time(text, now_);
    // A clock that is wrong must not cost the line.
    if (stated && *stated <= now_ + reader_.options_.limits.max_future.count()) {
      content_.line_time = *stated;
      content_.line_time_read = steady_now_;
      return *stated;
    }
    if (content_.line_time != 0 && steady_now_ - content_.line_time_read < kSameTime)
      return content_.line_time;
    // Nobody knows better when it was written than the file itself.
    const TimestampNs modified = content_.file == nullptr ? now_ : content_.file->status.modified;
    return modified > 0 ? std::min(now_, modified) : now_;
  }

  ContentReader& reader_;
  LogContent& content_;
  ingest::RecordIntake& intake_;
  TimestampNs now_;
  SteadyTime steady_now_;
  std::optional<ingest::RecordIntake::StreamSlot> slot_;
  std::vector<Field> fields_;
  std::string utf8_;
  std::string modified_;
  std::function<void(const ingest::pipeline::MultiLine::Joined&)> emit_ =
      [this](const ingest::pipeline::MultiLine::Joined& record) { add(record.text, false); };
};

bool ContentReader::open(LogContent& content, Outcome& outcome) {
  if (content.source != nullptr) return true;
  outcome = Outcome::kMoved;
  if (!content.has_name()) return false;
  auto source = open_source(*content.file);
  if (!source) {
    const ErrorCode code = source.error().code;
    if (code != ErrorCode::kNotFound) {
      outcome = failed(content,
                       code == ErrorCode::kPermissionDenied ? kMayNotRead : source.error().message);
    }
    return false;
  }
  content.source = *std::move(source);
  content.was_refused = false;
  counters_.open.fetch_add(1);
  return true;
}

void ContentReader::close(LogContent& content) {
  if (content.source != nullptr) counters_.open.fetch_sub(1);
  content.source.reset();
}

std::vector<Label> ContentReader::labels_of(const LogContent& content) const {
  const FileSet& set = *content.set;
  std::vector<Label> labels = set.labels;
  labels.push_back(
      {"service_name", set.service.empty() ? service_of(content.shown_path) : set.service});
  labels.push_back({"filename", content.shown_path});
  labels.push_back({"host", options_.host});
  return labels;
}

std::unique_ptr<ingest::pipeline::MultiLine> ContentReader::make_joiner(
    const LogContent& content) const {
  if (options_.pipelines == nullptr) return nullptr;
  const auto* pipeline =
      options_.pipelines->find("file", Labels(labels_of(content)), content.shown_path);
  if (pipeline == nullptr || pipeline->multi_line() == nullptr) return nullptr;
  return std::make_unique<ingest::pipeline::MultiLine>(*pipeline->multi_line(),
                                                       max_line_bytes(*content.set));
}

std::size_t ContentReader::max_line_bytes(const FileSet& set) const {
  return std::min(set.max_line_bytes, options_.limits.max_line_bytes);
}

ContentReader::Outcome ContentReader::failed(LogContent& content, std::string_view what) {
  counters_.errors.add();
  wake(content, clock_.steady_now() + kRetry);
  if (!content.was_refused) {
    logger_.warn("{}: {}", content.has_name() ? content.file->path() : content.log->path(), what);
  }
  content.was_refused = true;
  return Outcome::kFailed;
}

ContentReader::Outcome ContentReader::read_window(LogContent& content, std::size_t budget,
                                                  Window& window) {
  ByteSource& source = *content.source;
  if (!update_status(content)) return failed(content, "reading failed");
  const ContentMark& mark = content.reading;
  const std::uint64_t size = content.file->status.size;
  const bool is_plain = !source.is_compressed();
  if (is_plain && size < mark.offset) return Outcome::kReplaced;
  const std::uint64_t overlap = mark.tail_bytes();
  window.begin = mark.offset - overlap;
  window.offset = mark.offset;
  const std::size_t wanted =
      is_plain ? std::min<std::uint64_t>(size - mark.offset, budget) : budget;
  auto bytes = source.read(window.begin, overlap + wanted, buffer_);
  if (!bytes && bytes.error().code == ErrorCode::kCorrupt) {
    failed(content, bytes.error().message);
    return Outcome::kFinished;
  }
  if (!bytes) return failed(content, bytes.error().message);
  window.bytes = *bytes;
  window.at_end = is_plain ? window.end() >= size : bytes->size() < overlap + wanted;
  if (bytes->size() < overlap && source.is_skipping()) return Outcome::kMore;
  if (bytes->size() < overlap && !is_plain && !source.is_complete())
    return wait_for_compression(content);
  if (bytes->size() < overlap || !mark.has_tail(bytes->substr(0, overlap)))
    return Outcome::kReplaced;
  if (mark.head_bytes() < ContentMark::kHeadBytes) {
    auto head = source.read(0, std::min(window.end(), ContentMark::kHeadBytes), head_);
    if (!head) return failed(content, head.error().message);
    window.head = *head;
  }
  window.is_good = true;
  return Outcome::kCaughtUp;
}

bool ContentReader::update_status(LogContent& content) {
  const auto status = status_of(content.source->file());
  if (!status) return false;
  content.file->status.size = status->size;
  content.file->status.modified = status->modified;
  content.file->status.links = status->links;
  if (status->size != content.seen_size) {
    content.seen_size = status->size;
    content.grown = clock_.steady_now();
  }
  return true;
}

/// More of the file is still to be written; if that takes too long, it is damaged.
ContentReader::Outcome ContentReader::wait_for_compression(LogContent& content) {
  const auto now = clock_.steady_now();
  if (now - content.grown < kCompressingQuiet) {
    wake(content, now + kQuiet);
    return Outcome::kCaughtUp;
  }
  failed(content, "ends in the middle of its compressed data");
  return Outcome::kFinished;
}

bool ContentReader::find_encoding(LogContent& content, const Window& window) {
  if (content.encoding != TextEncoding::kAuto || window.text().empty()) return true;
  const std::string_view head = window.text().substr(0, ContentMark::kHeadBytes);
  const TextEncoding found = detect_encoding(head, content.set->encoding);
  if (content.set->encoding == TextEncoding::kAuto && unit_bytes(found) == 1 && looks_binary(head))
    return false;
  content.encoding = found;
  return true;
}

/// Zeros are what a truncated file begins with when its writer goes on at its old place.
void ContentReader::skip_zeros(LogContent& content, Window& window) const {
  const bool at_start = window.offset == 0 || content.skips_zeros;
  if (!at_start || unit_bytes(content.encoding) != 1 || content.source->is_compressed()) return;
  const std::string_view text = window.text();
  const std::size_t zeros = std::min(text.find_first_not_of('\0'), text.size());
  window.offset += zeros;
  content.skips_zeros = zeros == text.size();
}

bool ContentReader::gives_rest(const LogContent& content, const Window& window) const {
  const auto now = clock_.steady_now();
  if (!window.at_end) return false;
  if (content.source->is_compressed()) return content.source->is_complete();
  if (content.is_rotated()) return now - content.grown >= kQuiet;
  const auto timeout = content.set->partial_line_timeout;
  return timeout && now - content.grown >= *timeout;
}

ContentReader::Outcome ContentReader::finish(LogContent& content, const Window& window,
                                             bool has_rest) {
  const auto now = clock_.steady_now();
  if (content.joiner != nullptr && !content.joiner->empty())
    wake(content, now + content.joiner->rules().timeout);
  if (!window.at_end) return Outcome::kMore;
  if (content.source->is_compressed())
    return content.source->is_complete() ? Outcome::kFinished : wait_for_compression(content);
  if (!content.has_name()) {
    const auto quiet = content.file->status.links == 0 ? kQuiet : kAwayQuiet;
    if (now - content.grown >= quiet) return Outcome::kFinished;
    wake(content, now + kQuiet);
  }
  if (has_rest && content.is_rotated()) {
    wake(content, content.grown + kQuiet);
  } else if (has_rest && content.set->partial_line_timeout) {
    wake(content, content.grown + *content.set->partial_line_timeout);
  }
  return Outcome::kCaughtUp;
}

Result<ContentMark> ContentReader::mark_at(ByteSource& source, std::uint64_t offset) {
  std::string buffer;
  ContentMark mark{.offset = offset};
  if (offset == 0) return mark;
  LIVEDATA_TRY(const std::string_view head, source.read(0, mark.head_bytes(), buffer));
  mark.head = hash64(head);
  LIVEDATA_TRY(const std::string_view tail,
               source.read(offset - mark.tail_bytes(), mark.tail_bytes(), buffer));
  mark.tail = hash64(tail);
  return mark;
}

void ContentReader::set_marks(LogContent& content, const Window& window, std::uint64_t end,
                              Position& next) {
  const auto mark_of = [&](std::uint64_t offset) {
    ContentMark mark{.offset = offset, .head = content.reading.head};
    if (offset == 0) return mark;
    const std::uint64_t tail = offset - mark.tail_bytes();
    mark.tail = hash64(window.bytes.substr(tail - window.begin, mark.tail_bytes()));
    if (content.reading.head_bytes() < mark.head_bytes())
      mark.head = hash64(window.head.substr(0, mark.head_bytes()));
    return mark;
  };
  const ContentMark reading = mark_of(end);
  if (content.joiner == nullptr || content.joiner->empty()) {
    next.mark = reading;
    next.in_line = content.reading_in_line;
  } else if (const std::uint64_t pending = content.joiner->pending().tag;
             pending > next.mark.offset) {
    next.mark = mark_of(pending);
    next.in_line = false;  // what is joined are whole lines
  }
  content.reading = reading;
}

ContentReader::Outcome ContentReader::verify(LogContent& content) {
  Outcome outcome = Outcome::kCaughtUp;
  if (!open(content, outcome)) return outcome;
  Window window;
  return read_window(content, 0, window);
}

ContentReader::Turn ContentReader::turn(LogContent& content, std::size_t budget,
                                        ingest::RecordIntake& intake) {
  Turn turn;
  turn.next = content.position;
  content.wake_at.reset();
  content.last_turn = clock_.steady_now();
  Lines lines(*this, content, intake);
  if (content.file == nullptr) {
    if (!content.rest) return turn;
    lines.add(content.rest->text, false);
    turn.next.mark = content.reading;
    turn.next.in_line = content.reading_in_line;
  } else {
    if (content.position.is_done) return turn;
    if (!open(content, turn.outcome)) return turn;
    // A whole line must fit in.
    budget = std::max(budget, max_line_bytes(*content.set) + kLineEndBytes);
    Window window;
    turn.outcome = read_window(content, budget, window);
    if (!window.is_good) {
      turn.bytes = turn.outcome == Outcome::kMore ? budget : 0;  // it was work all the same
      return turn;
    }
    turn.outcome = read_lines(content, window, lines, turn);
    if (turn.outcome == Outcome::kNotText || turn.outcome == Outcome::kFailed) return turn;
  }
  turn.moved_on =
      turn.next.mark != content.position.mark || turn.next.in_line != content.position.in_line;
  turn.next.encoding = content.encoding;
  turn.next.times = content.log->times.marks();
  turn.next.written = clock_.now();
  if (content.file != nullptr) {
    turn.next.file = content.file->status.id;
    turn.next.modified = content.file->status.modified;
    if (content.has_name()) turn.next.name = content.file->name();
  }
  return turn;
}

ContentReader::Outcome ContentReader::read_lines(LogContent& content, Window& window, Lines& lines,
                                                 Turn& turn) {
  if (!find_encoding(content, window)) return Outcome::kNotText;
  skip_zeros(content, window);
  if (window.offset == 0) window.offset += byte_order_mark_bytes(window.text(), content.encoding);
  LineSplitter splitter(content.encoding,
                        encoded_bytes(content.encoding, max_line_bytes(*content.set)));
  splitter.set_in_line(content.reading_in_line);
  const bool gives = gives_rest(content, window);
  const std::size_t taken = splitter.split(window.text(), window.offset, gives,
                                           [&](const RawLine& line) { lines.take(line); });
  content.reading_in_line = splitter.in_line();
  const std::uint64_t end = window.offset + taken;
  turn.bytes = end - content.reading.offset;
  turn.lines = lines.num_lines;
  turn.lines_cut = lines.num_cut;
  const Outcome outcome = finish(content, window, end < window.end());
  if (outcome == Outcome::kFinished || gives) {
    lines.flush();
  } else {
    lines.flush_if_idle();
  }
  set_marks(content, window, end, turn.next);
  return outcome;
}

}  // namespace livedata::collect
