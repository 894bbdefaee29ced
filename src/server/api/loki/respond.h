#pragma once

#include "base/result.h"
#include "server/api/loki/answer.h"
#include "server/http/message.h"

namespace livedata::server::loki {

/// The result as JSON, or its error.
template <class T, class Encode>
Response respond(const Result<T>& result, const Encode& encode) {
  return result ? Response::json(encode(*result)) : Response::from(result.error());
}

/// What the client asks for in X-Loki-Response-Encoding-Flags.
inline LabelForm label_form(const Request& request) {
  const bool categorize =
      request.header("x-loki-response-encoding-flags").find("categorize-labels") !=
      std::string_view::npos;
  return categorize ? LabelForm::kCategorized : LabelForm::kFolded;
}

}  // namespace livedata::server::loki
