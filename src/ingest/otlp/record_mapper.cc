#include "ingest/otlp/record_mapper.h"

#include <algorithm>
#include <array>
#include <limits>

#include "ingest/level/level_detection.h"
#include "ingest/otlp/value_text.h"
#include "model/service_name.h"

namespace livedata::ingest::otlp {
namespace {

/// Loki's default_resource_attributes_as_index_labels.
constexpr std::array<std::string_view, 18> kLabelAttributes = {"cloud.availability_zone",
                                                               "cloud.region",
                                                               "container.name",
                                                               "deployment.environment",
                                                               "deployment.environment.name",
                                                               "k8s.cluster.name",
                                                               "k8s.container.name",
                                                               "k8s.cronjob.name",
                                                               "k8s.daemonset.name",
                                                               "k8s.deployment.name",
                                                               "k8s.job.name",
                                                               "k8s.namespace.name",
                                                               "k8s.pod.name",
                                                               "k8s.replicaset.name",
                                                               "k8s.statefulset.name",
                                                               "service.instance.id",
                                                               "service.name",
                                                               "service.namespace"};
static_assert(std::is_sorted(kLabelAttributes.begin(), kLabelAttributes.end()));

bool is_label(std::string_view key) {
  return std::binary_search(kLabelAttributes.begin(), kLabelAttributes.end(), key);
}

constexpr std::size_t kBytesPerRecord = 64;

/// SeverityNumber has four steps for each of six levels, from 1 on.
std::string_view level_of_number(std::int64_t severity) {
  constexpr std::array<std::string_view, 6> kLevels = {"trace", "debug", "info",
                                                       "warn",  "error", "fatal"};
  constexpr std::int64_t kSteps = 4;
  if (severity < 1 || severity > kSteps * static_cast<std::int64_t>(kLevels.size())) return {};
  return kLevels[static_cast<std::size_t>((severity - 1) / kSteps)];
}

/// Times beyond what int64 holds are still far off, which the limits refuse.
TimestampNs to_timestamp(std::uint64_t time) {
  return static_cast<TimestampNs>(
      std::min(time, static_cast<std::uint64_t>(std::numeric_limits<TimestampNs>::max())));
}

void add_count(AttributeFields& fields, std::string_view name, std::uint32_t count) {
  if (count != 0) fields.add(name, static_cast<std::int64_t>(count));
}

void add_text(AttributeFields& fields, std::string_view name, std::string_view text) {
  if (!text.empty()) fields.add(name, text);
}

}  // namespace

RecordMapper::RecordMapper(const DecodeContext& context)
    : limits_(context.limits),
      intake_(context),
      arrival_(context.now),
      resource_fields_(names_, limits_),
      scope_fields_(names_, limits_),
      record_fields_(names_, limits_) {}

void RecordMapper::set_resource(const Resource& resource) {
  labels_.clear();
  has_stream_ = false;
  resource_fields_.clear();
  scope_fields_.clear();
  for (const Attribute& attribute : resource.attributes) {
    if (is_label(attribute.key)) {
      add_labels(attribute, limits_, labels_);
    } else {
      resource_fields_.add(attribute);
    }
  }
  add_count(resource_fields_, "resource_dropped_attributes_count", resource.dropped_attributes);
}

void RecordMapper::set_scope(const Scope& scope) {
  scope_fields_.clear();
  scope_fields_.add(scope.attributes);
  add_text(scope_fields_, "scope_name", scope.name);
  add_text(scope_fields_, "scope_version", scope.version);
  add_count(scope_fields_, "scope_dropped_attributes_count", scope.dropped_attributes);
}

const RecordIntake::StreamSlot& RecordMapper::stream() {
  if (has_stream_) return stream_;
  has_stream_ = true;
  if (labels_.empty()) labels_.push_back({std::string(kServiceNameLabel), "unknown_service"});
  stream_ = intake_.stream(std::move(labels_));
  return stream_;
}

TimestampNs RecordMapper::time_of(const LogRecord& record) {
  if (record.time != 0) return to_timestamp(record.time);
  if (record.observed_time != 0) return to_timestamp(record.observed_time);
  // A nanosecond between records keeps their order, and equal ones apart.
  return arrival_++;
}

std::string_view RecordMapper::level_of(const LogRecord& record) const {
  if (const std::string_view level = normalized_level(record.severity_text); !level.empty())
    return level;
  return level_of_number(record.severity_number);
}

void RecordMapper::add_properties(const LogRecord& record) {
  AttributeFields& fields = record_fields_;
  add_text(fields, "severity_text", record.severity_text);
  if (record.severity_number != 0) fields.add("severity_number", record.severity_number);
  add_text(fields, "trace_id", record.trace_id);
  add_text(fields, "span_id", record.span_id);
  add_text(fields, "event_name", record.event_name);
  add_count(fields, "flags", record.flags);
  if (record.time != 0 && record.observed_time != 0)
    fields.add("observed_timestamp", to_timestamp(record.observed_time));
  add_count(fields, "dropped_attributes_count", record.dropped_attributes);
}

Result<void> RecordMapper::add(const LogRecord& record) {
  record_fields_.clear();
  add_properties(record);
  record_fields_.add(record.attributes);

  std::string kept;
  const auto* text = std::get_if<std::string_view>(&record.body.content);
  if (text == nullptr) kept = text_of(record.body);
  const std::string_view line = text == nullptr ? std::string_view(kept) : *text;

  cost_ += kBytesPerRecord + line.size();
  fields_.clear();
  for (const AttributeFields* part : {&record_fields_, &scope_fields_, &resource_fields_}) {
    fields_.insert(fields_.end(), part->fields().begin(), part->fields().end());
    cost_ += part->cost();
  }
  if (cost_ > limits_.max_expanded_body_bytes) {
    return fail(ErrorCode::kTooLarge,
                "the records take more than {} bytes with the attributes of their resources; "
                "send smaller batches",
                limits_.max_expanded_body_bytes);
  }
  // Of equal names the first one stays, so that a sender's own goes before this.
  if (const std::string_view level = level_of(record);
      !level.empty() && fields_.size() < limits_.max_fields)
    fields_.push_back({kDetectedLevelField, level});
  intake_.add(stream(), time_of(record), line, fields_);
  return {};
}

}  // namespace livedata::ingest::otlp
