#include "ingest/syslog/format/structured_data.h"

#include <algorithm>

namespace livedata::ingest::syslog {
namespace {

// RFC 5424 allows 32. An id is repeated in the name of each of its fields, so it must be short.
constexpr std::size_t kMaxNameBytes = 64;

/// SD-NAME: printable ASCII but '=', space, ']' and '"'.
std::string_view leading_name(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && text[size] > ' ' && text[size] < 0x7F && text[size] != '=' &&
         text[size] != ']' && text[size] != '"')
    ++size;
  return text.substr(0, size);
}

/// Where the quoted value ends that begins at `from`; npos if it does not.
std::size_t end_of_value(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size(); ++at) {
    if (text[at] == '"') return at;
    if (text[at] == '\\') ++at;
  }
  return std::string_view::npos;
}

}  // namespace

bool StructuredDataReader::take_id() {
  id_ = leading_name(rest_.substr(1));
  if (id_.empty() || id_.size() > kMaxNameBytes) return false;
  rest_.remove_prefix(1 + id_.size());
  in_element_ = true;
  return true;
}

std::optional<StructuredDataReader::Parameter> StructuredDataReader::next() {
  while (ok_) {
    if (!in_element_) {
      if (!rest_.starts_with('[')) return std::nullopt;
      ok_ = take_id();
      continue;
    }
    if (rest_.starts_with(']')) {
      rest_.remove_prefix(1);
      in_element_ = false;
      continue;
    }
    ok_ = false;
    const std::size_t spaces = std::min(rest_.find_first_not_of(' '), rest_.size());
    if (spaces == 0) break;
    rest_.remove_prefix(spaces);
    if (rest_.starts_with(']')) {  // a space too many
      ok_ = true;
      continue;
    }
    const std::string_view name = leading_name(rest_);
    if (name.empty() || name.size() > kMaxNameBytes) break;
    rest_.remove_prefix(name.size());
    if (!rest_.starts_with("=\"")) break;
    const std::size_t end = end_of_value(rest_, 2);
    if (end == std::string_view::npos) break;
    const std::string_view value = rest_.substr(2, end - 2);
    rest_.remove_prefix(end + 1);
    ok_ = true;
    return Parameter{id_, name, value};
  }
  return std::nullopt;
}

std::size_t structured_data_size(std::string_view text) {
  StructuredDataReader reader(text);
  while (reader.next()) {
  }
  return reader.ok() ? text.size() - reader.rest().size() : 0;
}

void append_unescaped(std::string_view value, std::string& out) {
  for (std::size_t at = value.find('\\'); at != std::string_view::npos; at = value.find('\\')) {
    const char next = at + 1 < value.size() ? value[at + 1] : '\0';
    const bool escape = next == '"' || next == '\\' || next == ']';
    out.append(value.substr(0, escape ? at : at + 1));
    if (escape) out += next;
    value.remove_prefix(escape ? at + 2 : at + 1);
  }
  out.append(value);
}

}  // namespace livedata::ingest::syslog
