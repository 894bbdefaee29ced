#include "ingest/syslog/format/structured_fields.h"

#include <algorithm>

#include <fmt/core.h>

namespace livedata::ingest::syslog {
namespace {

// What the fields beside structured data take at most: four tokens of 255 bytes and their names.
constexpr std::size_t kBytesOfOtherFields = 2048;
constexpr std::size_t kOtherFields = 8;

void append_sanitized(std::string_view text, std::string& out) {
  for (const char c : text) {
    const bool allowed =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    out += allowed ? c : '_';
  }
}

}  // namespace

bool StructuredFields::measure(std::string_view text, const Limits& limits, std::size_t& bytes) {
  std::size_t count = 0;
  StructuredDataReader reader(text);
  while (const auto parameter = reader.next()) {
    // '_' in front and between, and up to "_128" behind.
    bytes += parameter->id.size() + parameter->name.size() + parameter->value.size() + 8;
    if (++count + kOtherFields > limits.max_fields) return false;
    if (bytes + kBytesOfOtherFields > limits.max_fields_bytes) return false;
  }
  return true;
}

bool StructuredFields::add_to(std::vector<Field>& fields, std::string_view text,
                              const Limits& limits) {
  std::size_t bytes = 0;
  if (!measure(text, limits, bytes)) return false;
  unescaped_.clear();
  unescaped_.reserve(bytes);  // the fields are views of it
  names_.clear();
  const std::size_t num_others = fields.size();
  StructuredDataReader reader(text);
  while (const auto parameter = reader.next()) {
    if (add(*parameter, fields)) continue;
    fields.resize(num_others);
    return false;
  }
  return true;
}

/// False if no free name is found.
bool StructuredFields::add(const StructuredDataReader::Parameter& parameter,
                           std::vector<Field>& fields) {
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
    if (std::any_of(fields.begin(), fields.end(), is_taken)) continue;
    const std::size_t end = unescaped_.size();
    append_unescaped(parameter.value, unescaped_);
    const std::string_view all = unescaped_;
    fields.push_back({all.substr(begin, end - begin), all.substr(end)});
    return true;
  }
  return false;
}

}  // namespace livedata::ingest::syslog
