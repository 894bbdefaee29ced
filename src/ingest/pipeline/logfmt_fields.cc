#include "ingest/pipeline/logfmt_fields.h"

#include <algorithm>

#include "ingest/values/field_name.h"

namespace livedata::ingest::pipeline {
namespace {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

char unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    default:
      return c;
  }
}

}  // namespace

bool LogfmtScanner::next() {
  for (;;) {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    if (rest_.empty()) return false;
    std::size_t size = 0;
    while (size < rest_.size() && !is_blank(rest_[size]) && rest_[size] != '=' &&
           rest_[size] != '"')
      ++size;
    key_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (!key_.empty() && rest_.starts_with('=') && read_value()) return true;
    ++num_others_;
    if (rest_.starts_with('"') || rest_.starts_with('=')) rest_.remove_prefix(1);
  }
}

/// False for a value that is empty, or has no closing quote.
bool LogfmtScanner::read_value() {
  rest_.remove_prefix(1);
  has_escapes_ = false;
  if (!rest_.starts_with('"')) {
    std::size_t size = 0;
    while (size < rest_.size() && !is_blank(rest_[size])) ++size;
    raw_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return size > 0;
  }
  std::size_t end = 1;
  while (end < rest_.size() && rest_[end] != '"') {
    has_escapes_ = has_escapes_ || rest_[end] == '\\';
    end += rest_[end] == '\\' ? std::size_t{2} : std::size_t{1};
  }
  if (end >= rest_.size()) {
    rest_ = {};
    return false;
  }
  raw_ = rest_.substr(1, end - 1);
  rest_.remove_prefix(end + 1);
  return !raw_.empty();
}

std::string_view LogfmtScanner::value(TextArena& arena) const {
  if (!has_escapes_) return raw_;
  char* const begin = arena.reserve(raw_.size());
  char* out = begin;
  for (std::size_t i = 0; i < raw_.size(); ++i) {
    const bool escape = raw_[i] == '\\' && i + 1 < raw_.size();
    *out++ = escape ? unescaped(raw_[++i]) : raw_[i];
  }
  return arena.commit(static_cast<std::size_t>(out - begin));
}

StageOutcome add_logfmt_fields(std::string_view text,
                               const std::vector<std::pair<std::string, std::string>>& chosen,
                               const FieldTypes* types, PipelineRecord& record, PipelineRun& run) {
  LogfmtScanner scanner(text);
  bool any = false;
  bool all_fit = true;
  const auto add = [&](std::string_view field) {
    const std::string_view value = scanner.value(run.arena());
    all_fit = record.set_field(
                  field, types == nullptr ? FieldValue(value) : typed(value, types->of(field))) &&
              all_fit;
  };
  while (all_fit && scanner.next()) {
    any = true;
    if (chosen.empty()) add(field_name(scanner.key(), run.arena()));
    for (const auto& [field, key] : chosen) {
      if (key == scanner.key()) add(field);
    }
  }
  if (!any) return StageOutcome::failed("it holds no key=value pair");
  return all_fit ? StageOutcome::done() : StageOutcome::failed(kTooManyFields);
}

bool looks_like_logfmt(std::string_view text) {
  LogfmtScanner scanner(text);
  std::size_t pairs = 0;
  while (scanner.next()) {
    if (!is_letter(scanner.key().front())) return false;
    ++pairs;
  }
  return pairs >= 2 && pairs > scanner.num_others();
}

}  // namespace livedata::ingest::pipeline
