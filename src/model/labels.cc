#include "model/labels.h"

#include <algorithm>

namespace livedata {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

auto find_name(const std::vector<Label>& labels, std::string_view name) {
  return std::lower_bound(labels.begin(), labels.end(), name,
                          [](const Label& label, std::string_view n) { return label.name < n; });
}

}  // namespace

bool is_label_name(std::string_view name) {
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

std::string sanitized_label_name(std::string_view name) {
  std::string out;
  out.reserve(name.size() + 1);
  for (const char c : name) {
    // The further bytes of a character in UTF-8 add nothing.
    const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    if (continues) continue;
    if (out.empty() && is_digit(c)) out += '_';
    out += is_letter(c) || is_digit(c) ? c : '_';
  }
  return out.empty() ? "_" : out;
}

Labels::Labels(std::vector<Label> labels) : labels_(std::move(labels)) {
  std::stable_sort(labels_.begin(), labels_.end(),
                   [](const Label& a, const Label& b) { return a.name < b.name; });
  // Keep the last of each run of equal names.
  auto out = labels_.begin();
  for (auto it = labels_.begin(); it != labels_.end(); ++it) {
    const auto next = std::next(it);
    const bool last_of_name = next == labels_.end() || next->name != it->name;
    if (!last_of_name || it->value.empty()) continue;
    if (out != it) *out = std::move(*it);
    ++out;
  }
  labels_.erase(out, labels_.end());
}

std::string_view Labels::get(std::string_view name) const {
  const auto found = find_name(labels_, name);
  return found != labels_.end() && found->name == name ? std::string_view(found->value)
                                                       : std::string_view();
}

bool Labels::has(std::string_view name) const { return !get(name).empty(); }

void Labels::set(std::string_view name, std::string_view value) {
  const auto at = labels_.begin() + (find_name(labels_, name) - labels_.begin());
  const bool present = at != labels_.end() && at->name == name;
  if (value.empty()) {
    if (present) labels_.erase(at);
  } else if (present) {
    at->value = value;
  } else {
    labels_.insert(at, Label{std::string(name), std::string(value)});
  }
}

std::string Labels::to_string() const {
  std::string out = "{";
  for (const Label& label : labels_) {
    if (out.size() > 1) out += ", ";
    out += label.name + "=\"";
    for (const char c : label.value) {
      if (c == '"' || c == '\\') out += '\\';
      if (c == '\n') {
        out += "\\n";
      } else {
        out += c;
      }
    }
    out += '"';
  }
  return out + "}";
}

StreamId stream_id(const Labels& labels) {
  // Lengths in front of the strings keep {a="bc"} and {ab="c"} apart.
  std::string bytes;
  const auto put = [&bytes](std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    for (unsigned shift = 0; shift < 32; shift += 8)
      bytes += static_cast<char>((size >> shift) & 0xFFU);
    bytes += text;
  };
  for (const Label& label : labels) {
    put(label.name);
    put(label.value);
  }
  return hash128(bytes);
}

}  // namespace livedata
