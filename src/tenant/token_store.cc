#include "tenant/token_store.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace livedata::tenant {
namespace {

constexpr auto kLookInterval = std::chrono::seconds(1);
constexpr std::size_t kSecretBytes = 32;

tl::unexpected<Error> refused() {
  return fail(ErrorCode::kUnauthenticated, "the token is not known here, or was revoked");
}

Result<void> check_wish(const Token& wish, TimestampNs now) {
  const bool is_plain = std::none_of(wish.name.begin(), wish.name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (wish.name.empty() || wish.name.size() > kMaxTokenNameBytes || !is_plain) {
    return fail(ErrorCode::kInvalidArgument,
                "a token needs a name of 1 to {} bytes without control characters, which tells "
                "people whose it is",
                kMaxTokenNameBytes);
  }
  if (wish.roles.empty())
    return fail(ErrorCode::kInvalidArgument, "a token needs at least one role");
  if (wish.expires && *wish.expires <= now)
    return fail(ErrorCode::kInvalidArgument, "the time at which the token expires has passed");
  if (wish.other_tenants.size() > kMaxOtherTenants) {
    return fail(ErrorCode::kInvalidArgument, "a token may name {} other tenants at most",
                kMaxOtherTenants);
  }
  for (const std::string& other : wish.other_tenants) {
    if (other == "*") continue;
    LIVEDATA_RETURN_IF_ERROR(TenantId::parse(other));
  }
  if (wish.streams.size() > kMaxSelectorBytes) {
    return fail(ErrorCode::kInvalidArgument, "the selector is longer than {} bytes",
                kMaxSelectorBytes);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<TokenStore>> TokenStore::open(Environment environment, const Path& path) {
  std::unique_ptr<TokenStore> store(new TokenStore(std::move(environment), path));  // NOLINT
  const MutexLock lock(store->mutex_);
  LIVEDATA_RETURN_IF_ERROR(store->read());
  return store;
}

Result<void> TokenStore::look_again() {
  const auto now = environment_.clock.steady_now();
  if (looked_ && now - *looked_ < kLookInterval) return {};
  return read();
}

Result<void> TokenStore::read() {
  looked_ = environment_.clock.steady_now();
  LIVEDATA_TRY(const bool exists, environment_.files.exists(path_));
  std::string text;
  if (exists) {
    LIVEDATA_TRY(text, environment_.files.read_all(path_));
  }
  const std::string content = digest(text);
  if (content == content_) return {};
  Tokens tokens;
  std::size_t number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++number;
    if (line.empty()) continue;
    const auto where = [&] { return fmt::format("{}, line {}", path_.string(), number); };
    auto token = parse_token(line);
    if (!token) return fail(std::move(token).error().with_context(where()));
    Known known{.token = *std::move(token), .streams = {}, .verified = {}};
    if (!known.token.streams.empty()) {
      auto streams = environment_.parse_selector(known.token.streams);
      if (!streams) return fail(std::move(streams).error().with_context(where()));
      known.streams = *std::move(streams);
    }
    // What was verified before stays so, if its hash is the same.
    const auto before = tokens_.find(known.token.id);
    if (before != tokens_.end() && before->second.token.hash == known.token.hash)
      known.verified = before->second.verified;
    std::string id = known.token.id;
    tokens.insert_or_assign(std::move(id), std::move(known));
  }
  tokens_ = std::move(tokens);
  content_ = content;
  return {};
}

Result<void> TokenStore::store(const Tokens& tokens) {
  std::string text;
  for (const auto& [id, known] : tokens) text += to_json(known.token) + "\n";
  LIVEDATA_RETURN_IF_ERROR(environment_.files.create_folders(path_.parent_path()));
  return write_atomically(environment_.files, path_, text);
}

Result<Token> TokenStore::complete(Token wish, std::string_view secret) const {
  LIVEDATA_RETURN_IF_ERROR(check_wish(wish, environment_.clock.now()));
  if (!wish.streams.empty()) {
    LIVEDATA_RETURN_IF_ERROR(environment_.parse_selector(wish.streams));
  }
  std::array<unsigned char, kTokenIdChars / 4 * 3> id{};
  environment_.random(id);
  wish.id = base64url(id);
  wish.created = environment_.clock.now();
  wish.hash = hash_secret(secret, environment_.random);
  return wish;
}

Result<TokenStore::Created> TokenStore::create(Token wish) {
  std::array<unsigned char, kSecretBytes> bytes{};
  environment_.random(bytes);
  const std::string secret = base64url(bytes);
  LIVEDATA_TRY(Token token, complete(std::move(wish), secret));

  LIVEDATA_RETURN_IF_ERROR(environment_.files.create_folders(path_.parent_path()));
  LIVEDATA_TRY(const auto others, environment_.files.lock(path_.string() + ".lock"));
  const MutexLock lock(mutex_);
  LIVEDATA_RETURN_IF_ERROR(read());
  if (tokens_.size() >= kMaxTokens) {
    return fail(ErrorCode::kResourceExhausted,
                "there are {} tokens already, which is the limit; revoke some", kMaxTokens);
  }
  Tokens changed = tokens_;
  changed[token.id].token = token;
  LIVEDATA_RETURN_IF_ERROR(store(changed));
  LIVEDATA_RETURN_IF_ERROR(read());
  Created created{.token = std::move(token), .text = {}};
  created.text = fmt::format("ld_{}_{}", created.token.id, secret);
  return created;
}

Result<std::vector<Token>> TokenStore::list() {
  const MutexLock lock(mutex_);
  LIVEDATA_RETURN_IF_ERROR(read());
  std::vector<Token> out;
  out.reserve(tokens_.size());
  for (const auto& [id, known] : tokens_) out.push_back(known.token);
  return out;
}

Result<Token> TokenStore::revoke(std::string_view id) {
  LIVEDATA_RETURN_IF_ERROR(environment_.files.create_folders(path_.parent_path()));
  LIVEDATA_TRY(const auto others, environment_.files.lock(path_.string() + ".lock"));
  const MutexLock lock(mutex_);
  LIVEDATA_RETURN_IF_ERROR(read());
  Tokens changed = tokens_;
  const auto found = changed.find(id);
  if (found == changed.end())
    return fail(ErrorCode::kNotFound, "there is no token '{}'", id.substr(0, kTokenIdChars));
  Token revoked = found->second.token;
  changed.erase(found);
  LIVEDATA_RETURN_IF_ERROR(store(changed));
  LIVEDATA_RETURN_IF_ERROR(read());
  return revoked;
}

Result<Identity> TokenStore::current(const Known& known) const {
  const Token& token = known.token;
  if (token.expires && *token.expires <= environment_.clock.now())
    return fail(ErrorCode::kUnauthenticated, "the token has expired");
  return Identity{.name = token.name,
                  .proof = Proof::kToken,
                  .tenant = token.tenant,
                  .roles = token.roles,
                  .other_tenants = token.other_tenants,
                  .streams = known.streams,
                  .expires = token.expires};
}

Result<Identity> TokenStore::verify(std::string_view text) {
  const auto parts = split_token(text);
  if (!parts) return refused();
  const std::string presented = digest(text);
  std::string hash;
  {
    const MutexLock lock(mutex_);
    LIVEDATA_RETURN_IF_ERROR(look_again());
    const auto found = tokens_.find(parts->id);
    if (found == tokens_.end()) return refused();
    const Token& token = found->second.token;
    if (is_equal_secret(found->second.verified, presented)) return current(found->second);
    hash = token.hash;
  }
  // Outside of the lock: hashing is slow, and others must not wait for a wrong token.
  if (!is_secret(hash, parts->secret)) return refused();
  const MutexLock lock(mutex_);
  const auto found = tokens_.find(parts->id);
  if (found == tokens_.end() || found->second.token.hash != hash) return refused();
  found->second.verified = presented;
  return current(found->second);
}

}  // namespace livedata::tenant
