#include "tenant/jwks.h"

#include <array>
#include <optional>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <yyjson.hpp>

#include "encoding/base64.h"

namespace livedata::tenant {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr std::size_t kMaxSetBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxKeys = 100;
constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;
constexpr std::size_t kCoordinateBytes = 32;  // of P-256

struct FreeDocument {
  void operator()(yyjson_doc* document) const { yyjson_doc_free(document); }
};
template <auto Free>
struct FreeBy {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Number = std::unique_ptr<BIGNUM, FreeBy<::BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreeBy<::OSSL_PARAM_BLD_free>>;
using KeyParameters = std::unique_ptr<OSSL_PARAM, FreeBy<::OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeBy<::EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeBy<::EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, FreeBy<::ECDSA_SIG_free>>;
using Key = std::shared_ptr<EVP_PKEY>;

const unsigned char* bytes_of(std::string_view text) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL has unsigned bytes
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view text_member(yyjson_val* object, const char* name) {
  yyjson_val* value = yyjson_obj_get(object, name);
  return yyjson_is_str(value) ? std::string_view(yyjson_get_str(value), yyjson_get_len(value))
                              : std::string_view();
}

/// A member's bytes, empty where it is absent or no base64url.
std::string bytes_member(yyjson_val* object, const char* name) {
  return encoding::base64_decode(text_member(object, name)).value_or(std::string());
}

Key make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const KeyParameters parameters(::OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(::EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || ::EVP_PKEY_fromdata_init(context.get()) != 1 ||
      ::EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return {key, ::EVP_PKEY_free};
}

Number number(const std::string& bytes) {
  return Number(::BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

Key rsa_key(yyjson_val* jwk) {
  const Number modulus = number(bytes_member(jwk, "n"));
  const Number exponent = number(bytes_member(jwk, "e"));
  const Builder builder(::OSSL_PARAM_BLD_new());
  if (::BN_num_bits(modulus.get()) < kMinRsaBits || ::BN_num_bits(modulus.get()) > kMaxRsaBits ||
      ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return nullptr;
  }
  return make_key("RSA", builder.get());
}

Key ec_key(yyjson_val* jwk) {
  const std::string x = bytes_member(jwk, "x");
  const std::string y = bytes_member(jwk, "y");
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) return nullptr;
  const std::string point = "\x04" + x + y;  // uncompressed, SEC 1 section 2.3.3
  const Builder builder(::OSSL_PARAM_BLD_new());
  if (::OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) !=
          1 ||
      ::OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1) {
    return nullptr;
  }
  return make_key("EC", builder.get());
}

Key ed25519_key(yyjson_val* jwk) {
  const std::string x = bytes_member(jwk, "x");
  if (x.size() != kCoordinateBytes) return nullptr;
  return {::EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size()),
          ::EVP_PKEY_free};
}

/// nullopt for a kind of key that is not for us.
Result<std::optional<VerifyingKey>> parse_key(yyjson_val* jwk) {
  const std::string_view type = text_member(jwk, "kty");
  const std::string_view curve = text_member(jwk, "crv");
  const std::string_view use = text_member(jwk, "use");
  if (!use.empty() && use != "sig") return std::optional<VerifyingKey>();
  VerifyingKey out;
  out.id = text_member(jwk, "kid");
  if (type == "RSA") {
    out.algorithm = JwtAlgorithm::kRs256;
    out.key = rsa_key(jwk);
  } else if (type == "EC" && curve == "P-256") {
    out.algorithm = JwtAlgorithm::kEs256;
    out.key = ec_key(jwk);
  } else if (type == "OKP" && curve == "Ed25519") {
    out.algorithm = JwtAlgorithm::kEdDsa;
    out.key = ed25519_key(jwk);
  } else {
    return std::optional<VerifyingKey>();
  }
  const std::string_view algorithm = text_member(jwk, "alg");
  if (!algorithm.empty()) {
    const auto named = parse_jwt_algorithm(algorithm);
    if (!named || *named != out.algorithm) return std::optional<VerifyingKey>();
  }
  if (out.key == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                "the key '{}' of the set is broken, or an RSA key of less than {} bits",
                out.id.substr(0, 64), kMinRsaBits);
  }
  return std::optional(std::move(out));
}

/// The two numbers of a signature by ES256 in the form that OpenSSL reads.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * kCoordinateBytes) return {};
  Number r(::BN_bin2bn(bytes_of(signature), kCoordinateBytes, nullptr));
  Number s(::BN_bin2bn(bytes_of(signature.substr(kCoordinateBytes)), kCoordinateBytes, nullptr));
  const Signature pair(::ECDSA_SIG_new());
  // The pair owns both numbers from here on; it takes any that are not null.
  if (!r || !s || ::ECDSA_SIG_set0(pair.get(), r.release(), s.release()) != 1) return {};
  unsigned char* der = nullptr;
  const int size = ::i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return {};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL has unsigned bytes
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  ::OPENSSL_free(der);
  return out;
}

}  // namespace

Result<JwtAlgorithm> parse_jwt_algorithm(std::string_view name) {
  if (name == "RS256") return JwtAlgorithm::kRs256;
  if (name == "ES256") return JwtAlgorithm::kEs256;
  if (name == "EdDSA") return JwtAlgorithm::kEdDsa;
  return fail(ErrorCode::kUnauthenticated,
              "tokens signed by '{}' are not taken; RS256, ES256 and EdDSA are",
              name.substr(0, 16));
}

bool VerifyingKey::has_signed(std::string_view bytes, std::string_view signature) const {
  std::string der;
  if (algorithm == JwtAlgorithm::kEs256) {
    der = der_of(signature);
    if (der.empty()) return false;
    signature = der;
  }
  const DigestContext context(::EVP_MD_CTX_new());
  const EVP_MD* hash = algorithm == JwtAlgorithm::kEdDsa ? nullptr : ::EVP_sha256();
  return ::EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, key.get()) == 1 &&
         ::EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(bytes),
                            bytes.size()) == 1;
}

Result<std::vector<VerifyingKey>> parse_jwks(std::string_view json) {
  if (json.size() > kMaxSetBytes)
    return fail(ErrorCode::kInvalidArgument, "a key set has {} bytes at most", kMaxSetBytes);
  std::string copy(json);  // the parser's parameter is not const
  const std::unique_ptr<yyjson_doc, FreeDocument> document(
      yyjson_read(copy.data(), copy.size(), YYJSON_READ_NOFLAG));
  yyjson_val* keys = yyjson_obj_get(yyjson_doc_get_root(document.get()), "keys");
  if (!yyjson_is_arr(keys) || yyjson_arr_size(keys) > kMaxKeys) {
    return fail(ErrorCode::kInvalidArgument,
                "a key set is a JSON object with an array \"keys\" of {} at most", kMaxKeys);
  }
  std::vector<VerifyingKey> out;
  yyjson_arr_iter it = yyjson_arr_iter_with(keys);
  while (yyjson_val* jwk = yyjson_arr_iter_next(&it)) {
    LIVEDATA_TRY(auto key, parse_key(jwk));
    if (key) out.push_back(*std::move(key));
  }
  if (out.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "the key set has no key for RS256, ES256 (P-256) or EdDSA (Ed25519)");
  }
  return out;
}

}  // namespace livedata::tenant
