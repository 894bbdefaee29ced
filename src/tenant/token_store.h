#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/mutex.h"
#include "base/result.h"
#include "tenant/identity.h"
#include "tenant/secret.h"
#include "tenant/token.h"

namespace livedata::tenant {

/// Reads a selector such as {team="shop"}; a language's business, so it is handed in.
using ParseSelector = std::function<Result<std::vector<LabelMatcher>>(std::string_view)>;

/// The file of tokens in a data folder.
constexpr const char* kTokenFile = "tokens.jsonl";

/// The tokens of a data folder, in one file that is replaced at each change. Several processes may
/// change it, the server and the command line: a change is made under a lock, and is seen by the
/// others within a second. Thread-safe.
class TokenStore {
 public:
  static constexpr std::size_t kMaxTokens = 10'000;

  struct Environment {
    FileSystem& files;
    const Clock& clock;
    RandomBytes random;
    ParseSelector parse_selector;
  };

  /// The file may be absent. kCorrupt names its line.
  static Result<std::unique_ptr<TokenStore>> open(Environment environment, const Path& path);

  struct Created {
    Token token;
    std::string text;  ///< the token itself, which is not kept
  };
  /// A new token of what `wish` says; its id, time and hash are made. kInvalidArgument for a name
  /// that is empty, too long or of control characters, no roles, a selector that does not parse, or
  /// a time that has passed.
  Result<Created> create(Token wish) LIVEDATA_EXCLUDES(mutex_);
  /// All, by id.
  Result<std::vector<Token>> list() LIVEDATA_EXCLUDES(mutex_);
  /// kNotFound where no token has the id.
  Result<Token> revoke(std::string_view id) LIVEDATA_EXCLUDES(mutex_);

  /// Whose token it is. kUnauthenticated does not tell what was wrong with it, but for its expiry.
  Result<Identity> verify(std::string_view text) LIVEDATA_EXCLUDES(mutex_);

 private:
  struct Known {
    Token token;
    std::vector<LabelMatcher> streams;
    std::string verified;  // digest of the text that was found right, so that hashing it once does
  };
  using Tokens = std::map<std::string, Known, std::less<>>;

  TokenStore(Environment environment, Path path)
      : environment_(std::move(environment)), path_(std::move(path)) {}
  Result<void> look_again() LIVEDATA_REQUIRES(mutex_);
  Result<void> read() LIVEDATA_REQUIRES(mutex_);
  Result<void> store(const Tokens& tokens) LIVEDATA_REQUIRES(mutex_);
  [[nodiscard]] Result<Token> complete(Token wish, std::string_view secret) const;
  /// Whose a token is, unless it has expired.
  [[nodiscard]] Result<Identity> current(const Known& known) const;

  const Environment environment_;
  const Path path_;
  Mutex mutex_;
  Tokens tokens_ LIVEDATA_GUARDED_BY(mutex_);
  std::string content_ LIVEDATA_GUARDED_BY(mutex_);  // digest of the file that tokens_ are from
  std::optional<std::chrono::steady_clock::time_point> looked_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::tenant
