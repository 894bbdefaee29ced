#include "ingest/syslog/decoder.h"

#include <algorithm>

#include "base/cut_text.h"
#include "ingest/level/level_detection.h"

namespace livedata::ingest::syslog {
namespace {

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
    const bool added = structured_.add_to(fields_, message.structured_data, limits_);
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

}  // namespace livedata::ingest::syslog
