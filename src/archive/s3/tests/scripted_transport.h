#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "http_client/http_client.h"

namespace livedata::archive::s3 {

/// Gives the answers of a script one after the other, and keeps what was asked.
class ScriptedTransport final : public http_client::Transport {
 public:
  struct Seen {
    std::string method;
    std::string url;
    std::vector<http_client::Header> headers;
    std::string body;

    [[nodiscard]] std::string header(std::string_view name) const {
      for (const auto& header : headers) {
        if (header.name == name) return header.value;
      }
      return {};
    }
  };

  Result<http_client::Answer> send(const http_client::Request& request,
                                   const Deadline& deadline) override {
    LIVEDATA_RETURN_IF_ERROR(deadline.check());
    seen.push_back({request.method, request.url, request.headers, std::string(request.body)});
    if (answers.empty()) return fail(ErrorCode::kUnavailable, "nobody is there");
    auto answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }

  void add(int status, std::string body = {}, std::vector<http_client::Header> headers = {}) {
    answers.emplace_back(http_client::Answer{status, std::move(headers), std::move(body)});
  }
  void add_error(int status, const std::string& code) {
    add(status, fmt::format("<Error><Code>{}</Code><Message>m</Message></Error>", code));
  }
  void add_failure(ErrorCode code) { answers.emplace_back(fail(code, "cut off")); }

  std::deque<Result<http_client::Answer>> answers;
  std::vector<Seen> seen;
};

}  // namespace livedata::archive::s3
