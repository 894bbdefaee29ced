#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_arena.h"
#include "ingest/pipeline/secrets/finders.h"
#include "ingest/pipeline/secrets/keyed_hash.h"

namespace re2 {
class RE2;
}

namespace livedata::ingest::pipeline {

/// Replaces secrets in texts. Immutable and thread-safe.
class Redactor {
 public:
  /// One kind of secret: found by a function, or by a regex, of which the first group, if there is
  /// one, is the secret.
  struct Pattern {
    std::string name;
    FindSecret find = nullptr;
    std::shared_ptr<const re2::RE2> regex = nullptr;
    std::string replacement;
  };

  /// With a hash, "<name:0123456789abcdef>" replaces a secret: equal for equal secrets.
  Redactor(std::vector<Pattern> patterns, std::optional<KeyedHash> hash)
      : patterns_(std::move(patterns)), hash_(hash) {}

  /// The text itself if nothing is secret in it; else a new one in the arena.
  [[nodiscard]] std::string_view redact(std::string_view text, TextArena& arena) const;

  /// What a whole value is replaced by whose name says that it is secret.
  [[nodiscard]] std::string_view replacement_of(std::string_view secret, std::string_view name,
                                                TextArena& arena) const;

 private:
  [[nodiscard]] std::string_view apply(const Pattern& pattern, std::string_view text,
                                       TextArena& arena) const;
  [[nodiscard]] std::size_t replacement_size(const Pattern& pattern) const;
  char* write_replacement(const Pattern& pattern, std::string_view secret, char* out) const;

  std::vector<Pattern> patterns_;
  std::optional<KeyedHash> hash_;
};

}  // namespace livedata::ingest::pipeline
