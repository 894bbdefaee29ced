#include "query/around/host_labels.h"

#include <algorithm>

#include "query/logql/printer.h"

namespace livedata::query::around {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!is_word(c)) out += '\\';
    out += c;
  }
  return out;
}

bool is_address(std::string_view host) {
  return host.find(':') != std::string_view::npos ||
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

std::string host_pattern(std::string_view host) {
  constexpr std::string_view kPort = "(:[0-9]+)?";
  std::string out = "(?i)";
  const std::size_t dot = host.find('.');
  if (is_address(host)) {
    out += escaped(host);
  } else if (dot == std::string_view::npos) {
    out += escaped(host);
    out += "(\\.[^:]*)?";
  } else {
    out += escaped(host.substr(0, dot));
    out += '(';
    out += escaped(host.substr(dot));
    out += ")?";
  }
  out += kPort;
  return out;
}

Result<std::vector<std::vector<LabelMatcher>>> host_selections(std::string_view host) {
  const std::string pattern = host_pattern(host);
  std::vector<std::vector<LabelMatcher>> out;
  std::vector<LabelMatcher> not_before;
  for (const std::string_view label : kHostLabels) {
    LIVEDATA_TRY(auto matches, LabelMatcher::make(std::string(label), MatchOp::kRegex, pattern));
    std::vector<LabelMatcher> selection = {std::move(matches)};
    selection.insert(selection.end(), not_before.begin(), not_before.end());
    out.push_back(std::move(selection));
    LIVEDATA_TRY(auto differs, LabelMatcher::make(std::string(label), MatchOp::kNotRegex, pattern));
    not_before.push_back(std::move(differs));
  }
  return out;
}

std::string to_selector(const std::vector<LabelMatcher>& matchers) {
  std::string out = "{";
  for (const LabelMatcher& matcher : matchers) {
    if (out.size() > 1) out += ", ";
    out += matcher.name();
    out += symbol(matcher.op());
    out += logql::quoted(matcher.value());
  }
  out += '}';
  return out;
}

}  // namespace livedata::query::around
