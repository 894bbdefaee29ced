#include "collect/custom/record_maker.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <unordered_map>

#include <fmt/core.h>

#include "base/cut_text.h"

namespace livedata::collect::custom {
namespace {

bool is_nan(const FieldValue& value) {
  const auto* const number = std::get_if<double>(&value);
  return number != nullptr && std::isnan(*number);
}

/// The labels of a stream, and the fields that could not be one.
class StreamTexts {
 public:
  StreamTexts(const CollectorSpec& spec, const std::string& host, std::size_t max_labels)
      : labels_(spec.labels), max_labels_(max_labels) {
    labels_.push_back({"source", spec.name});
    labels_.push_back({"host", host});
  }

  void add(const Text& text, bool is_label) {
    std::string name = sanitized_label_name(text.first);
    if (name.empty()) name = "_";
    if (is_label && labels_.size() < max_labels_) {
      if (has(name)) name = fmt::format("exported_{}", name);
      if (has(name)) return;
      labels_.push_back({std::move(name), std::string(text.second)});
    } else {
      fields_.push_back({names_.emplace_back(std::move(name)), text.second});
    }
  }

  [[nodiscard]] Labels labels() { return Labels(std::move(labels_)); }
  /// Lives as long as the object.
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }

 private:
  [[nodiscard]] bool has(std::string_view name) const {
    return std::any_of(labels_.begin(), labels_.end(),
                       [&](const Label& label) { return label.name == name; });
  }

  std::vector<Label> labels_;
  const std::size_t max_labels_;
  std::deque<std::string> names_;
  std::vector<Field> fields_;
};

}  // namespace

RecordMaker::RecordMaker(const CollectorSpec& spec, std::string host, const Limits& limits,
                         ingest::LabelGuard* guard)
    : spec_(spec), host_(std::move(host)), limits_(limits), guard_(guard) {}

bool RecordMaker::is_stream_label(std::string_view name, bool is_of_series) const {
  if (spec_.stream_labels) {
    const std::string shown = sanitized_label_name(name);
    return std::find(spec_.stream_labels->begin(), spec_.stream_labels->end(), shown) !=
           spec_.stream_labels->end();
  }
  // These say where in a distribution a number is, and not what it is a number of.
  return is_of_series && name != "le" && name != "quantile";
}

bool RecordMaker::is_in_time(TimestampNs time, TimestampNs now) const {
  return time <= now + limits_.max_future.count() &&
         (limits_.max_age.count() == 0 || time >= now - limits_.max_age.count());
}

RecordMaker::Outcome RecordMaker::add(const Readings& readings, TimestampNs now,
                                      RecordBatch& batch) const {
  Outcome outcome;
  std::vector<Group> groups;
  std::unordered_map<std::uint64_t, std::size_t> by_texts;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const Reading reading = readings[i];
    const TimestampNs time = reading.time.value_or(now);
    if (!is_in_time(time, now)) {
      ++outcome.num_out_of_time;
      continue;
    }
    std::size_t group = groups.size();
    if (readings.is_of_series()) {
      const std::uint64_t key = series_hash("", reading.texts) ^ static_cast<std::uint64_t>(time);
      group = by_texts.emplace(key, group).first->second;
    }
    if (group == groups.size()) groups.push_back({i, {}});
    for (const Field& number : reading.numbers) {
      if (!is_nan(number.value)) groups[group].numbers.push_back(number);
    }
  }
  for (const Group& group : groups) add_record(readings, group, now, batch);
  return outcome;
}

void RecordMaker::add_record(const Readings& readings, const Group& group, TimestampNs now,
                             RecordBatch& batch) const {
  const Reading first = readings[group.first];
  const std::vector<Field>& numbers = group.numbers;
  if (numbers.empty() && first.line.empty()) return;
  StreamTexts texts(spec_, host_, limits_.max_label_names);
  for (const Text& text : first.texts)
    texts.add(text, is_stream_label(text.first, readings.is_of_series()));
  StreamRef labels = std::make_shared<const Stream>(texts.labels());
  std::vector<Label> taken;
  if (guard_ != nullptr) taken = guard_->take_away(labels, "collectors", now);
  const std::uint32_t stream = batch.add_stream(std::move(labels));
  std::vector<Field> always = texts.fields();
  for (const Label& label : taken) always.push_back({label.name, std::string_view(label.value)});
  // What is more than a record holds goes into another one; at least one number in each.
  const std::size_t room =
      limits_.max_fields > always.size() ? limits_.max_fields - always.size() : std::size_t{1};
  std::size_t next = 0;
  do {
    std::vector<Field> fields = always;
    std::vector<std::string> names;
    names.reserve(room);  // views of its strings stay
    for (; next < numbers.size() && names.size() < room; ++next) {
      std::string& name = names.emplace_back(sanitized_label_name(numbers[next].name));
      if (name.empty()) name = "_";
      fields.push_back({name, numbers[next].value});
    }
    batch.add(stream, first.time.value_or(now), cut_text(first.line, limits_.max_line_bytes),
              fields);
  } while (next < numbers.size());
}

}  // namespace livedata::collect::custom
