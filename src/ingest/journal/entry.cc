#include "ingest/journal/entry.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/bytes.h"
#include "ingest/level/level_detection.h"
#include "model/service_name.h"

namespace livedata::ingest::journal {
namespace {

constexpr std::string_view kMessage = "MESSAGE";
constexpr std::string_view kUnit = "_SYSTEMD_UNIT";
constexpr std::string_view kHost = "_HOSTNAME";
constexpr std::string_view kIdentifier = "SYSLOG_IDENTIFIER";
constexpr std::string_view kPriority = "PRIORITY";

// A core dump is an entry, too.
constexpr std::size_t kMaxKeptBytes = 1_MiB;
constexpr std::size_t kMaxKeptFields = 1000;
// What hand_over() adds: the level, and how many were left out.
constexpr std::size_t kOwnFields = 2;
constexpr std::size_t kOwnBytes = 64;

/// Level of a syslog priority (RFC 5424 table 2).
std::string_view level_of_priority(std::string_view priority) {
  constexpr std::array<std::string_view, 8> kLevels = {"fatal", "critical", "critical", "error",
                                                       "warn",  "info",     "info",     "debug"};
  if (priority.size() != 1 || priority[0] < '0' || priority[0] > '7') return "unknown";
  return kLevels[static_cast<std::size_t>(priority[0] - '0')];
}

std::string_view without_suffix(std::string_view name, std::string_view suffix) {
  if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  return name;
}

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

bool Entry::has_field(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.begin() + static_cast<std::ptrdiff_t>(num_fields_),
                     [name](const NamedValue& field) { return field.name == name; });
}

void Entry::append_field_name(std::string_view name, std::string& out) const {
  name.remove_prefix(std::min(name.find_first_not_of('_'), name.size()));
  std::transform(name.begin(), name.end(), std::back_inserter(out), lower);
  if (!has_field(out)) return;
  const std::size_t base = out.size();
  for (std::size_t number = 2; has_field(out); ++number) {
    out.resize(base);
    out += fmt::format("_{}", number);
  }
}

void Entry::add(std::string_view name, std::string_view value) {
  if (name.starts_with("__")) return;
  empty_ = false;
  if (name == kMessage) return message_.set(value);
  if (name == kUnit) return unit_.set(value);
  if (name == kHost) return host_.set(value);
  if (name == kIdentifier) identifier_.set(value);
  if (name == kPriority) priority_.set(value);
  if (num_fields_ == kMaxKeptFields || value.size() > kMaxKeptBytes - bytes_) {
    ++num_left_out_;
    return;
  }
  if (num_fields_ == fields_.size()) fields_.emplace_back();
  NamedValue& field = fields_[num_fields_];
  field.name.clear();
  append_field_name(name, field.name);
  field.value = value;
  bytes_ += value.size();
  ++num_fields_;
}

void Entry::add_too_long(std::string_view name, std::uint64_t size) {
  if (name.starts_with("__")) return;
  empty_ = false;
  if (name == kMessage) {
    reason_ = "line_too_long";
  } else if (name == kUnit || name == kHost || name == kIdentifier) {
    reason_ = "label_value_too_long";
  } else {
    ++num_left_out_;
    return;
  }
  too_long_ = fmt::format("a journal entry with {} bytes of {} is too large", size, name);
}

void Entry::clear() {
  num_fields_ = 0;
  num_left_out_ = 0;
  bytes_ = 0;
  for (Slot* slot : {&message_, &unit_, &host_, &identifier_, &priority_}) slot->is_set = false;
  reason_ = {};
  empty_ = true;
}

std::string_view Entry::service() const {
  if (!unit().empty()) return without_suffix(unit(), ".service");
  return identifier_.view().empty() ? "kernel" : identifier_.view();
}

void Entry::hand_over(TimestampNs time, std::string_view host, RecordIntake& intake,
                      std::span<const Field> more) const {
  if (!reason_.empty()) {
    intake.reject(reason_, too_long_);
    return;
  }
  const auto stream = intake.stream({{std::string(kServiceNameLabel), std::string(service())},
                                     {"unit", std::string(unit())},
                                     {"host", std::string(host.empty() ? host_.view() : host)}});
  const Limits& limits = intake.limits();
  std::vector<Field> fields;
  fields.reserve(num_fields_ + kOwnFields + more.size());
  std::size_t bytes = kOwnBytes;
  std::size_t left_out = num_left_out_;
  for (std::size_t i = 0; i < num_fields_; ++i) {
    const std::size_t size = fields_[i].name.size() + fields_[i].value.size();
    if (fields.size() + kOwnFields + more.size() >= limits.max_fields ||
        bytes + size > limits.max_fields_bytes) {
      ++left_out;
      continue;
    }
    bytes += size;
    fields.push_back({fields_[i].name, std::string_view(fields_[i].value)});
  }
  if (left_out > 0) fields.push_back({"fields_left_out", static_cast<std::int64_t>(left_out)});
  if (priority_.is_set) fields.push_back({kDetectedLevelField, level_of_priority(priority())});
  fields.insert(fields.end(), more.begin(), more.end());
  intake.add(stream, time, line(), fields);
}

}  // namespace livedata::ingest::journal
