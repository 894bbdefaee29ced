#include "ingest/pipeline/secrets/redactor.h"

#include <algorithm>
#include <array>

#include <re2/re2.h>

namespace livedata::ingest::pipeline {
namespace {

// A regex may look at all of the rest for each find; behind so many of them the rest is one secret.
constexpr std::size_t kMaxFinds = 1000;
constexpr std::size_t kHashDigits = 16;

/// Calls take(span) for each find of a regex.
template <class Take>
void find_all(const re2::RE2& regex, std::string_view text, const Take& take) {
  const re2::StringPiece whole(text.data(), text.size());
  const int groups = regex.NumberOfCapturingGroups() > 0 ? 2 : 1;
  std::array<re2::StringPiece, 2> parts;
  std::size_t finds = 0;
  for (std::size_t from = 0; from <= text.size();) {
    if (!regex.Match(whole, from, text.size(), re2::RE2::UNANCHORED, parts.data(), groups)) return;
    if (++finds > kMaxFinds) {
      take(Span{from, text.size()});
      return;
    }
    const re2::StringPiece& secret = groups == 2 ? parts[1] : parts[0];
    const auto match_end =
        static_cast<std::size_t>(parts[0].data() - text.data()) + parts[0].size();
    if (!secret.empty()) {
      const auto begin = static_cast<std::size_t>(secret.data() - text.data());
      take(Span{begin, begin + secret.size()});
    }
    from = std::max(match_end, from + 1);
  }
}

}  // namespace

std::size_t Redactor::replacement_size(const Pattern& pattern) const {
  return hash_ ? pattern.name.size() + kHashDigits + 3 : pattern.replacement.size();
}

char* Redactor::write_replacement(const Pattern& pattern, std::string_view secret,
                                  char* out) const {
  if (!hash_) return out + pattern.replacement.copy(out, pattern.replacement.size());
  constexpr std::string_view kDigits = "0123456789abcdef";
  *out++ = '<';
  out += pattern.name.copy(out, pattern.name.size());
  *out++ = ':';
  const std::uint64_t hash = hash_->of(secret);
  for (std::size_t i = 0; i < kHashDigits; ++i) *out++ = kDigits[(hash >> (60U - 4U * i)) & 0xFU];
  *out++ = '>';
  return out;
}

std::string_view Redactor::apply(const Pattern& pattern, std::string_view text,
                                 TextArena& arena) const {
  std::vector<Span> spans;
  std::size_t secret_bytes = 0;
  const auto take = [&](const Span& span) {
    // Overlapping groups of a regex: what is taken stays taken.
    const std::size_t begin = std::max(span.begin, spans.empty() ? 0 : spans.back().end);
    if (begin >= span.end) return;
    spans.push_back({begin, span.end});
    secret_bytes += span.end - begin;
  };
  if (pattern.regex != nullptr) {
    find_all(*pattern.regex, text, take);
  } else {
    for (auto span = pattern.find(text, 0); span; span = pattern.find(text, span->end)) take(*span);
  }
  if (spans.empty()) return text;
  const std::size_t size = text.size() - secret_bytes + spans.size() * replacement_size(pattern);
  char* const begin = arena.reserve(size);
  char* out = begin;
  std::size_t copied = 0;
  for (const Span& span : spans) {
    out += text.substr(copied, span.begin - copied).copy(out, span.begin - copied);
    out = write_replacement(pattern, text.substr(span.begin, span.end - span.begin), out);
    copied = span.end;
  }
  text.substr(copied).copy(out, text.size() - copied);
  // `begin` is where the arena's free room begins, so that this is what was written.
  return arena.commit(size);
}

std::string_view Redactor::redact(std::string_view text, TextArena& arena) const {
  for (const Pattern& pattern : patterns_) text = apply(pattern, text, arena);
  return text;
}

std::string_view Redactor::replacement_of(std::string_view secret, std::string_view name,
                                          TextArena& arena) const {
  for (const Pattern& pattern : patterns_) {
    if (pattern.name != name) continue;
    char* const begin = arena.reserve(replacement_size(pattern));
    write_replacement(pattern, secret, begin);
    return arena.commit(replacement_size(pattern));
  }
  return secret;
}

}  // namespace livedata::ingest::pipeline
