#include "ingest/otlp/attribute_fields.h"

#include <algorithm>

#include "ingest/otlp/value_text.h"
#include "ingest/values/flatten.h"

namespace livedata::ingest::otlp {
namespace {

constexpr std::size_t kMaxCachedNames = 10'000;
constexpr std::size_t kBytesPerField = 16;    // row number, end offset, number
constexpr std::size_t kBytesPerColumn = 512;  // of a name that is not likely to come again

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
/// Bytes behind the first one of a character in UTF-8.
constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

struct AttributeTree {
  static bool is_object(const Value& value) {
    return std::holds_alternative<std::vector<Attribute>>(value.content);
  }
  template <class Visit>
  static bool for_each_member(const Value& value, const Visit& visit) {
    const auto& members = std::get<std::vector<Attribute>>(value.content);
    return std::all_of(members.begin(), members.end(),
                       [&](const Attribute& member) { return visit(member.key, member.value); });
  }
};

template <class Visit>
void for_each_leaf_of(const Attribute& attribute, std::string& path, const Visit& visit) {
  path = attribute.key;
  for_each_leaf<AttributeTree>(attribute.value, path, '_', kMaxValueDepth, visit);
}

/// What a field holds of a value that is not empty.
FieldValue field_value(const Value& value, TextArena& arena) {
  if (const auto* text = std::get_if<std::string_view>(&value.content)) return *text;
  if (const auto* integer = std::get_if<std::int64_t>(&value.content)) return *integer;
  if (const auto* number = std::get_if<double>(&value.content)) return *number;
  if (const auto* boolean = std::get_if<bool>(&value.content)) return *boolean;
  return arena.keep(text_of(value));
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
  cost_ = 0;
}

void AttributeFields::add(std::string_view name, const FieldValue& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  fields_.add(name, value);
  cost_ += kBytesPerField + (text == nullptr ? sizeof(std::int64_t) : text->size());
}

std::string_view AttributeFields::name_of(std::string_view path) {
  const std::string_view cached = names_.find_or_make(path);
  if (!cached.empty()) return cached;
  const std::string_view name = fields_.arena().keep(attribute_name(path));
  cost_ += kBytesPerColumn + 2 * name.size();
  return name;
}

bool AttributeFields::add_leaf(std::string_view path, const Value& value) {
  if (fields_.is_over()) return false;
  if (!std::holds_alternative<std::monostate>(value.content))
    add(name_of(path), field_value(value, fields_.arena()));
  return true;
}

void AttributeFields::add(const Attribute& attribute) {
  for_each_leaf_of(attribute, path_, [this](std::string_view path, const Value& value) {
    return add_leaf(path, value);
  });
}

void AttributeFields::add(const std::vector<Attribute>& attributes) {
  for (const Attribute& attribute : attributes) {
    if (fields_.is_over()) return;
    add(attribute);
  }
}

void add_labels(const Attribute& attribute, const Limits& limits, std::vector<Label>& labels) {
  std::string buffer;
  for_each_leaf_of(attribute, buffer, [&](std::string_view path, const Value& value) {
    std::string text = text_of(value);
    if (text.empty()) return true;
    std::string name = attribute_name(path);
    const auto same =
        std::find_if(labels.begin(), labels.end(), [&](const Label& l) { return l.name == name; });
    if (same != labels.end()) {
      same->value = std::move(text);
    } else if (labels.size() <= limits.max_label_names) {
      labels.push_back({std::move(name), std::move(text)});
    }
    return true;
  });
}

}  // namespace livedata::ingest::otlp
