#include "ingest/journal/entry.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "ingest/level/level_detection.h"
#include "model/service_name.h"

namespace livedata::ingest::journal {
namespace {

struct FieldName {
  std::string_view journal;
  std::string_view field;
};
// What of an entry becomes fields, under which name.
constexpr std::array kFieldNames = {
    FieldName{"PRIORITY", "priority"},
    FieldName{"SYSLOG_IDENTIFIER", "syslog_identifier"},
    FieldName{"_PID", "pid"},
    FieldName{"_UID", "uid"},
    FieldName{"_COMM", "comm"},
    FieldName{"_EXE", "exe"},
    FieldName{"_TRANSPORT", "transport"},
    FieldName{"_BOOT_ID", "boot_id"},
    FieldName{"CODE_FILE", "code_file"},
    FieldName{"MESSAGE_ID", "message_id"},
};
constexpr std::size_t kPriority = 0;
constexpr std::size_t kIdentifier = 1;

constexpr std::string_view kMessage = "MESSAGE";
constexpr std::string_view kUnit = "_SYSTEMD_UNIT";
constexpr std::string_view kHost = "_HOSTNAME";

std::size_t field_index(std::string_view name) {
  const auto* const found =
      std::find_if(kFieldNames.begin(), kFieldNames.end(),
                   [name](const FieldName& known) { return known.journal == name; });
  return static_cast<std::size_t>(found - kFieldNames.begin());
}

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

}  // namespace

void Entry::add(std::string_view name, std::string_view value) {
  if (name.starts_with("__")) return;
  empty_ = false;
  const auto set = [value](Slot& slot) {
    slot.value = value;
    slot.is_set = true;
  };
  static_assert(kFieldNames.size() == kNumFields);
  if (name == kMessage) {
    set(message_);
  } else if (name == kUnit) {
    set(unit_);
  } else if (name == kHost) {
    set(host_);
  } else if (const std::size_t i = field_index(name); i < kNumFields && !fields_[i].is_set) {
    set(fields_[i]);
  }
}

void Entry::add_too_long(std::string_view name, std::uint64_t size) {
  if (name.starts_with("__")) return;
  empty_ = false;
  if (name == kMessage) {
    reason_ = "line_too_long";
  } else if (name == kUnit || name == kHost) {
    reason_ = "label_value_too_long";
  } else if (field_index(name) < kNumFields) {
    reason_ = "structured_metadata_too_large";
  } else {
    return;
  }
  too_long_ = fmt::format("a journal entry with {} bytes of {} is too large", size, name);
}

void Entry::clear() {
  for (Slot& slot : fields_) slot.is_set = false;
  message_.is_set = false;
  unit_.is_set = false;
  host_.is_set = false;
  reason_ = {};
  empty_ = true;
}

void Entry::hand_over(TimestampNs time, std::string_view host, RecordIntake& intake,
                      std::span<const Field> more) const {
  if (!reason_.empty()) {
    intake.reject(reason_, too_long_);
    return;
  }
  const auto text = [](const Slot& slot) {
    return slot.is_set ? std::string_view(slot.value) : std::string_view();
  };
  std::string_view service = without_suffix(text(unit_), ".service");
  if (service.empty()) service = text(fields_[kIdentifier]);
  if (service.empty()) service = "kernel";
  const auto stream = intake.stream({{std::string(kServiceNameLabel), std::string(service)},
                                     {"unit", std::string(text(unit_))},
                                     {"host", std::string(host.empty() ? text(host_) : host)}});
  std::vector<Field> fields;
  fields.reserve(kNumFields + 1 + more.size());
  for (std::size_t i = 0; i < kNumFields; ++i) {
    if (fields_[i].is_set)
      fields.push_back({kFieldNames[i].field, std::string_view(fields_[i].value)});
  }
  if (fields_[kPriority].is_set)
    fields.push_back({kDetectedLevelField, level_of_priority(fields_[kPriority].value)});
  fields.insert(fields.end(), more.begin(), more.end());
  intake.add(stream, time, line(), fields);
}

}  // namespace livedata::ingest::journal
