#include "ingest/otlp/attribute_fields.h"

#include <algorithm>

#include "ingest/otlp/value_text.h"

namespace livedata::ingest::otlp {
namespace {

constexpr std::size_t kMaxCachedNames = 10'000;
constexpr std::size_t kBytesPerField = 16;    // row number, end offset, number
constexpr std::size_t kBytesPerColumn = 512;  // of a name that is not likely to come again

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
/// Bytes behind the first one of a character in UTF-8.
constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Visits every value below `value` that is no map; `path` is the one to it.
template <class Visit>
void for_each_leaf(const Value& value, std::string& path, const Visit& visit) {
  const auto* members = std::get_if<std::vector<Attribute>>(&value.content);
  if (members == nullptr) {
    visit(value);
    return;
  }
  const std::size_t size = path.size();
  for (const Attribute& member : *members) {
    path += '_';
    path += member.key;
    for_each_leaf(member.value, path, visit);
    path.resize(size);
  }
}

}  // namespace

std::string attribute_name(std::string_view key) {
  std::string name;
  name.reserve(key.size() + 4);
  for (const char c : key) {
    if (!is_continuation(c)) name += is_letter(c) || is_digit(c) ? c : '_';
  }
  if (name.empty()) return "key_";
  if (is_digit(name.front())) return "key_" + name;
  return name.starts_with('_') && !name.starts_with("__") ? "key" + name : name;
}

std::string_view NameCache::find_or_make(std::string_view key) {
  const auto found = names_.lower_bound(key);
  if (found != names_.end() && found->first == key) return found->second;
  if (names_.size() >= kMaxCachedNames) return {};
  return names_.emplace_hint(found, key, attribute_name(key))->second;
}

void AttributeFields::clear() {
  fields_.clear();
  kept_.clear();
  bytes_ = cost_ = 0;
}

bool AttributeFields::is_full() const {
  return fields_.size() > limits_.max_fields || bytes_ > limits_.max_fields_bytes;
}

void AttributeFields::add(std::string_view name, const FieldValue& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  const std::size_t value_bytes = text == nullptr ? sizeof(std::int64_t) : text->size();
  fields_.push_back({name, value});
  bytes_ += name.size() + value_bytes;
  cost_ += kBytesPerField + value_bytes;
}

void AttributeFields::add_leaf(const FieldValue& value) {
  std::string_view name = names_.find_or_make(path_);
  if (name.empty()) {
    name = kept_.emplace_back(attribute_name(path_));
    cost_ += kBytesPerColumn + 2 * name.size();
  }
  add(name, value);
}

void AttributeFields::add_value(const Value& value) {
  if (is_full()) return;
  if (const auto* text = std::get_if<std::string_view>(&value.content)) {
    add_leaf(*text);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value.content)) {
    add_leaf(*integer);
  } else if (const auto* number = std::get_if<double>(&value.content)) {
    add_leaf(*number);
  } else if (const auto* boolean = std::get_if<bool>(&value.content)) {
    add_leaf(*boolean);
  } else if (!std::holds_alternative<std::monostate>(value.content)) {
    add_leaf(std::string_view(kept_.emplace_back(text_of(value))));
  }
}

void AttributeFields::add(const Attribute& attribute) {
  path_ = attribute.key;
  for_each_leaf(attribute.value, path_, [this](const Value& value) { add_value(value); });
}

void AttributeFields::add(const std::vector<Attribute>& attributes) {
  for (const Attribute& attribute : attributes) {
    if (is_full()) return;
    add(attribute);
  }
}

void add_labels(const Attribute& attribute, const Limits& limits, std::vector<Label>& labels) {
  std::string path(attribute.key);
  for_each_leaf(attribute.value, path, [&](const Value& value) {
    std::string text = text_of(value);
    if (text.empty()) return;
    std::string name = attribute_name(path);
    const auto same =
        std::find_if(labels.begin(), labels.end(), [&](const Label& l) { return l.name == name; });
    if (same != labels.end()) {
      same->value = std::move(text);
    } else if (labels.size() <= limits.max_label_names) {
      labels.push_back({std::move(name), std::move(text)});
    }
  });
}

}  // namespace livedata::ingest::otlp
