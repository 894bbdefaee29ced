#include "ingest/syslog/decoder.h"

#include <algorithm>

#include <fmt/core.h>

#include "ingest/cut_text.h"
#include "ingest/pipeline/level_detection.h"
#include "ingest/syslog/structured_data.h"

namespace livedata::ingest::syslog {
namespace {

// What the fields beside structured data take at most: four tokens of 255 bytes and their names.
constexpr std::size_t kBytesOfOtherFields = 2048;
constexpr std::size_t kOtherFields = 8;

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Names in the DNS are compared without case, and the root's dot may be left out.
std::string normalized_host(std::string_view host) {
  if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
  std::string out(host);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

/// Senders end datagrams, and counted messages too, as they would end lines.
std::string_view without_line_end(std::string_view message) {
  while (!message.empty() &&
         (message.back() == '\n' || message.back() == '\r' || message.back() == '\0'))
    message.remove_suffix(1);
  return message;
}

void append_sanitized(std::string_view text, std::string& out) {
  for (const char c : text) {
    const bool allowed =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    out += allowed ? c : '_';
  }
}

/// Structured data and what stands behind it, as it was sent.
std::string_view with_structured_data(const Message& message) {
  const char* begin = message.structured_data.data();
  return {begin, static_cast<std::size_t>(message.text.data() + message.text.size() - begin)};
}

}  // namespace

Decoder::Decoder(const Limits& limits, std::size_t max_streams,
                 const pipeline::Pipelines* pipelines, LabelGuard* label_guard)
    : limits_(limits),
      max_streams_(max_streams),
      pipelines_(pipelines),
      label_guard_(label_guard) {}

void Decoder::start(TimestampNs now) {
  arrival_ = {now, local_utc_offset(now)};
  run_ = std::make_unique<Run>(DecodeContext{limits_, now, "syslog", pipelines_, label_guard_});
  ++run_number_;
}

Decoded Decoder::take() { return run_->intake.take(); }

void Decoder::add(std::string_view bytes, std::string_view peer) {
  bytes = without_line_end(bytes);
  if (bytes.empty()) return;
  const Message message = parse(bytes, arrival_);
  ++counts_[static_cast<std::size_t>(message.format)];
  StreamState& state = stream_of(message, peer);
  fields_.clear();
  const TimestampNs time = time_of(message, state);
  add_fields(message, state);
  std::string_view line = message.text;
  if (!message.structured_data.empty()) {
    const bool added = add_structured_data(message.structured_data);
    // Lines without a byte are hard to read.
    if (!added || line.empty()) line = with_structured_data(message);
  }
  if (line.size() > limits_.max_line_bytes) {
    line = cut_text(line, limits_.max_line_bytes);
    ++num_cut_;
  }
  run_->intake.add(state.slot, time, line, fields_);
}

Decoder::StreamState& Decoder::stream_of(const Message& message, std::string_view peer) {
  key_.clear();
  key_ += static_cast<char>(message.priority);
  key_ += static_cast<char>(message.severity.value_or(kNoPriority));
  key_ += message.host.empty() ? peer : message.host;
  key_ += '\0';
  key_ += message.app;
  if (last_ == nullptr || key_ != last_key_) {
    auto found = streams_.find(key_);
    if (found == streams_.end()) {
      // Streams that are in use are back at once.
      if (streams_.size() >= max_streams_) streams_.clear();
      found = streams_.try_emplace(key_).first;
    }
    last_ = &found->second;
    last_key_ = key_;
  }
  if (last_->run != run_number_) open_stream(message, peer, *last_);
  return *last_;
}

void Decoder::open_stream(const Message& message, std::string_view peer, StreamState& state) {
  std::vector<Label> labels;
  std::string host = normalized_host(message.host.empty() ? peer : message.host);
  state.host_changed = !message.host.empty() && host != message.host;
  labels.push_back({"host", std::move(host)});
  labels.push_back({"app", std::string(message.app)});
  if (message.priority != kNoPriority) {
    labels.push_back({"severity", std::string(kSeverityNames[severity_of(message.priority)])});
    labels.push_back({"facility", std::string(kFacilityNames[facility_of(message.priority)])});
  } else if (message.severity) {
    labels.push_back({"severity", std::string(kSeverityNames[*message.severity])});
  }
  state.slot = run_->intake.stream(std::move(labels));
  state.run = run_number_;
}

TimestampNs Decoder::time_of(const Message& message, StreamState& state) {
  TimestampNs time = arrival_.now;
  std::int64_t resolution = kNsPerSecond;
  if (message.time) {
    const bool allowed =
        message.time->ns <= arrival_.now + limits_.max_future.count() - resolution &&
        (limits_.max_age.count() == 0 ||
         message.time->ns >= arrival_.now - limits_.max_age.count());
    if (allowed) {
      time = message.time->ns;
      resolution = message.time->resolution_ns;
    } else {
      fields_.push_back({"timestamp_raw", message.time_text});
    }
  }
  const bool again = state.repetitions >= 0 && time == state.last_time;
  state.repetitions = again ? std::min(state.repetitions + 1, resolution - 1) : 0;
  state.last_time = time;
  return time + state.repetitions;
}

void Decoder::add_fields(const Message& message, const StreamState& state) {
  const auto add = [this](std::string_view name, std::string_view value) {
    if (!value.empty()) fields_.push_back({name, value});
  };
  if (message.priority != kNoPriority) {
    add(kDetectedLevelField, kSeverityLevels[severity_of(message.priority)]);
  } else if (message.severity) {
    add(kDetectedLevelField, kSeverityLevels[*message.severity]);
  }
  add("proc_id", message.proc_id);
  add("msg_id", message.msg_id);
  add("sequence", message.sequence);
  if (state.host_changed) add("hostname_raw", message.host);
}

/// False when there is more of it than a record may have.
bool Decoder::add_structured_data(std::string_view text) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  StructuredDataReader first_pass(text);
  while (const auto parameter = first_pass.next()) {
    // '_' in front and between, and up to "_128" behind.
    bytes += parameter->id.size() + parameter->name.size() + parameter->value.size() + 8;
    if (++count + kOtherFields > limits_.max_fields) return false;
    if (bytes + kBytesOfOtherFields > limits_.max_fields_bytes) return false;
  }
  unescaped_.clear();
  unescaped_.reserve(bytes);  // the fields are views of it
  names_.clear();
  const std::size_t num_others = fields_.size();
  StructuredDataReader reader(text);
  while (const auto parameter = reader.next()) {
    if (add_parameter(*parameter)) continue;
    fields_.resize(num_others);
    return false;
  }
  return true;
}

/// False if no free name is found.
bool Decoder::add_parameter(const StructuredDataReader::Parameter& parameter) {
  constexpr std::size_t kAttempts = 3;
  const std::size_t begin = unescaped_.size();
  if (parameter.id.front() >= '0' && parameter.id.front() <= '9') unescaped_ += '_';
  append_sanitized(parameter.id, unescaped_);
  unescaped_ += '_';
  append_sanitized(parameter.name, unescaped_);
  const std::size_t base = unescaped_.size();
  const auto name = [&] { return std::string_view(unescaped_).substr(begin); };
  const auto is_taken = [&](const Field& field) { return field.name == name(); };
  // An id may have a parameter several times (section 6.3.3): the second one is NAME_2.
  auto number = static_cast<std::size_t>(std::count(names_.begin(), names_.end(), name()));
  names_.push_back(name());
  for (std::size_t attempt = 0; attempt < kAttempts; ++attempt, ++number) {
    unescaped_.resize(base);
    if (number > 0) unescaped_ += fmt::format("_{}", number + 1);
    if (std::any_of(fields_.begin(), fields_.end(), is_taken)) continue;
    const std::size_t end = unescaped_.size();
    append_unescaped(parameter.value, unescaped_);
    const std::string_view all = unescaped_;
    fields_.push_back({all.substr(begin, end - begin), all.substr(end)});
    return true;
  }
  return false;
}

}  // namespace livedata::ingest::syslog
