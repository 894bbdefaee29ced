#include "collect/custom/custom_page.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include <fmt/core.h>

namespace livedata::collect::custom {
namespace {

using host::Exposition;
using host::MetricType;

double as_double(const FieldValue& value) {
  if (const auto* const integer = std::get_if<std::int64_t>(&value))
    return static_cast<double>(*integer);
  if (const auto* const flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  const auto* const number = std::get_if<double>(&value);
  return number == nullptr ? 0 : *number;
}

/// A number of a reading, and the family that it is shown in.
struct Item {
  std::string family;  // its name
  std::string_view suffix;
  Family about;
  const CollectorSpec* spec = nullptr;
  const Readings* readings = nullptr;
  std::size_t reading = 0;
  std::size_t number = 0;
};

using Families = std::map<std::string_view, Family>;

bool is_distribution(MetricType type) {
  return type == MetricType::kHistogram || type == MetricType::kSummary;
}

/// The samples of histograms and summaries are in the family that has their name but for an end.
void find_family(Item& item, std::string_view name, const Families& families) {
  item.family = name;
  const auto exact = families.find(name);
  if (exact != families.end() && exact->second.type != MetricType::kHistogram) {
    item.about = exact->second;
    return;
  }
  for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
    if (!name.ends_with(suffix)) continue;
    const auto found = families.find(name.substr(0, name.size() - suffix.size()));
    if (found == families.end() || !is_distribution(found->second.type)) continue;
    item.family = found->first;
    item.suffix = suffix;
    item.about = found->second;
    return;
  }
}

void add_items(const CollectorSpec& spec, const Readings& readings, const Families& families,
               std::vector<Item>& items) {
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const Reading reading = readings[i];
    for (std::size_t n = 0; n < reading.numbers.size(); ++n) {
      Item item;
      item.spec = &spec;
      item.readings = &readings;
      item.reading = i;
      item.number = n;
      const std::string_view name = reading.numbers[n].name;
      if (readings.is_of_series()) {
        find_family(item, name, families);
      } else {
        item.family = fmt::format("{}_{}", spec.name, name);
        item.about.help = "A number that a collector of one's own found.";
      }
      items.push_back(std::move(item));
    }
  }
}

/// The labels of a sample, each name once.
class ShownLabels {
 public:
  explicit ShownLabels(const CollectorSpec& spec) : spec_(spec) {
    add("source", spec.name);
    for (const Label& label : spec.labels) add(label.name, label.value);
  }
  void add_texts(const Reading& reading, bool is_of_series) {
    for (const auto& [name, value] : reading.texts) {
      std::string shown = sanitized_label_name(name);
      if (shown.empty()) shown = "_";
      if (!is_of_series && !is_wanted(shown)) continue;
      // Names with __ in front are Prometheus' own.
      if (shown.starts_with("__")) continue;
      if (has(shown)) shown = fmt::format("exported_{}", shown);
      if (!has(shown)) add(shown, value);
    }
  }
  [[nodiscard]] std::vector<Exposition::LabelPair> pairs() const {
    return {labels_.begin(), labels_.end()};
  }

 private:
  void add(std::string_view name, std::string_view value) { labels_.emplace_back(name, value); }
  [[nodiscard]] bool has(std::string_view name) const {
    return std::any_of(labels_.begin(), labels_.end(),
                       [&](const auto& label) { return label.first == name; });
  }
  /// Who names labels has texts that are none, such as times, of which each would be a new series.
  [[nodiscard]] bool is_wanted(std::string_view name) const {
    const auto& wanted = spec_.stream_labels;
    return !wanted || std::find(wanted->begin(), wanted->end(), name) != wanted->end();
  }

  const CollectorSpec& spec_;
  std::vector<std::pair<std::string, std::string_view>> labels_;
};

void write(const std::vector<Item>& items, Exposition& page) {
  std::string_view last;
  std::unordered_set<std::uint64_t> seen;
  for (const Item& item : items) {
    if (item.family != last) {
      page.family(item.family, item.about.type, item.about.help);
      last = item.family;
    }
    const Reading reading = (*item.readings)[item.reading];
    ShownLabels labels(*item.spec);
    labels.add_texts(reading, item.readings->is_of_series());
    const auto pairs = labels.pairs();
    // Two lines may say the same of different things.
    if (!seen.insert(series_hash(item.family, pairs) ^ series_hash(item.suffix, {})).second)
      continue;
    page.add(item.suffix, pairs, as_double(reading.numbers[item.number].value));
  }
}

}  // namespace

void CustomPage::show(const CollectorSpec& spec, Shown shown) {
  const MutexLock lock(mutex_);
  shown_[&spec] = std::move(shown);
}

void CustomPage::expose(Exposition& page) const {
  const MutexLock lock(mutex_);
  Families families;
  for (const auto& [spec, shown] : shown_) {
    if (shown.readings == nullptr) continue;
    for (const Family& family : shown.readings->families()) families.emplace(family.name, family);
  }
  std::vector<Item> items;
  for (const auto& [spec, shown] : shown_) {
    if (shown.readings != nullptr) add_items(*spec, *shown.readings, families, items);
  }
  // A family stands together, whatever collectors it is from.
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) { return a.family < b.family; });
  write(items, page);
  page.gauge("livedata_collector_up", "Whether the last run of a collector of one's own succeeded");
  for (const auto& [spec, shown] : shown_) page.add({{"collector", spec->name}}, shown.up ? 1 : 0);
  page.gauge("livedata_collector_duration_seconds", "How long the last run took");
  for (const auto& [spec, shown] : shown_) page.add({{"collector", spec->name}}, shown.seconds);
  page.gauge("livedata_collector_series", "Numbers that the last run found");
  for (const auto& [spec, shown] : shown_)
    page.add({{"collector", spec->name}}, static_cast<std::uint64_t>(shown.num_series));
}

}  // namespace livedata::collect::custom
