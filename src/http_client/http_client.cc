#include "http_client/http_client.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/mutex.h"
#include "http_client/curl_library.h"

namespace livedata::http_client {
namespace {

constexpr std::size_t kMaxHeaderBytes = 64U * 1024U;
constexpr std::size_t kMaxIdle = 8;
constexpr int kLookMilliseconds = 100;

/// Of one request, on the stack of who sends it; libcurl's callbacks get a pointer to it.
struct Transfer {
  const Request& request;
  Answer answer;
  std::size_t num_sent = 0;
  std::size_t num_header_bytes = 0;
  bool is_too_large = false;
};

std::size_t on_body(char* bytes, std::size_t one, std::size_t size, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  size *= one;
  if (size > transfer.request.max_answer_bytes - transfer.answer.body.size()) {
    transfer.is_too_large = true;
    return 0;
  }
  transfer.answer.body.append(bytes, size);
  return size;
}

std::size_t on_header(char* bytes, std::size_t one, std::size_t size, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  size *= one;
  std::string_view line(bytes, size);
  transfer.num_header_bytes += size;
  if (transfer.num_header_bytes > kMaxHeaderBytes) {
    transfer.is_too_large = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) transfer.answer.headers.clear();  // after 100 Continue
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  Header header{std::string(line.substr(0, colon)), {}};
  std::transform(header.name.begin(), header.name.end(), header.name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  line.remove_prefix(colon + 1);
  const std::size_t first = line.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos)
    header.value = line.substr(first, line.find_last_not_of(" \t\r\n") - first + 1);
  transfer.answer.headers.push_back(std::move(header));
  return size;
}

std::size_t on_read(char* target, std::size_t one, std::size_t size, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view rest = transfer.request.body.substr(transfer.num_sent);
  size = std::min(size * one, rest.size());
  std::memcpy(target, rest.data(), size);
  transfer.num_sent += size;
  return size;
}

int on_seek(void* self, curl_off_t offset, int origin) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (origin != SEEK_SET || offset < 0 ||
      static_cast<std::size_t>(offset) > transfer.request.body.size())
    return CURL_SEEKFUNC_FAIL;
  transfer.num_sent = static_cast<std::size_t>(offset);
  return CURL_SEEKFUNC_OK;
}

bool is_plain(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

Result<void> check_request(const Request& request) {
  if (!request.url.starts_with("http://") && !request.url.starts_with("https://"))
    return fail(ErrorCode::kInvalidArgument, "'{}' is no address of http or https", request.url);
  bool is_valid = is_plain(request.url) && is_plain(request.method);
  for (const Header& header : request.headers)
    is_valid = is_valid && is_plain(header.name) && is_plain(header.value);
  if (is_valid) return {};
  return fail(ErrorCode::kInvalidArgument, "the address or a header has a line break in it");
}

/// Scheme, host and path: what a person needs, and no token that stands in the query.
std::string_view without_query(std::string_view url) { return url.substr(0, url.find('?')); }

ErrorCode code_of(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
      return ErrorCode::kPermissionDenied;
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return ErrorCode::kInvalidArgument;
    case CURLE_OUT_OF_MEMORY:
      return ErrorCode::kResourceExhausted;
    default:
      return ErrorCode::kUnavailable;
  }
}

}  // namespace

std::string_view Answer::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

/// libcurl and the handles that no request uses, each of which keeps its connections.
class HttpClient::Connections {
 public:
  /// One handle to send with, and the loop that it runs in.
  struct Handle {
    CURL* easy = nullptr;
    CURLM* multi = nullptr;
  };

  explicit Connections(Options options) : options_(std::move(options)) {}
  ~Connections() {
    for (const Handle& handle : idle_) close(handle);
  }
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  Result<Answer> send(const Request& request, const Deadline& deadline) {
    LIVEDATA_RETURN_IF_ERROR(check_request(request));
    LIVEDATA_RETURN_IF_ERROR(deadline.check());
    LIVEDATA_TRY(const Handle handle, take());
    Transfer transfer{request, {}};
    curl_slist* headers = set_up(handle.easy, transfer, deadline);
    curl_->multi_add_handle(handle.multi, handle.easy);
    auto outcome = run(handle, transfer, deadline);
    curl_->multi_remove_handle(handle.multi, handle.easy);
    curl_->easy_reset(handle.easy);
    curl_->slist_free_all(headers);
    // Where it went wrong the connection is in a state that nobody knows.
    if (outcome) {
      give_back(handle);
    } else {
      close(handle);
    }
    LIVEDATA_RETURN_IF_ERROR(outcome);
    return std::move(transfer.answer);
  }

 private:
  Result<Handle> take() LIVEDATA_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    if (curl_ == nullptr) {
      LIVEDATA_TRY(curl_, CurlLibrary::load());
    }
    if (!idle_.empty()) {
      const Handle handle = idle_.back();
      idle_.pop_back();
      return handle;
    }
    const Handle handle{curl_->easy_init(), curl_->multi_init()};
    if (handle.easy != nullptr && handle.multi != nullptr) return handle;
    close(handle);
    return fail(ErrorCode::kResourceExhausted, "libcurl has no memory for another connection");
  }

  void give_back(Handle handle) LIVEDATA_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    if (idle_.size() < kMaxIdle) {
      idle_.push_back(handle);
    } else {
      close(handle);
    }
  }

  void close(Handle handle) const {
    if (handle.easy != nullptr) curl_->easy_cleanup(handle.easy);
    if (handle.multi != nullptr) curl_->multi_cleanup(handle.multi);
  }

  template <class Value>
  void set(CURL* easy, CURLoption option, Value value) const {
    curl_->easy_setopt(easy, option, value);
  }

  /// The list of headers is to be freed after the transfer.
  curl_slist* set_up(CURL* easy, Transfer& transfer, const Deadline& deadline) const {
    const Request& request = transfer.request;
    set(easy, CURLOPT_URL, request.url.c_str());
    set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_PATH_AS_IS, 1L);
    set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(easy, CURLOPT_USERAGENT, "livedata");
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    set(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_timeout.count()));
    if (deadline.at() != Deadline::TimePoint::max()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(
          deadline.at() - std::chrono::steady_clock::now());
      set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<long>(left.count(), 1)));
    }
    if (options_.proxy == Proxy::kNone) set(easy, CURLOPT_PROXY, "");
    if (!options_.ca_file.empty()) set(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    set(easy, CURLOPT_WRITEFUNCTION, &on_body);
    set(easy, CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
    set(easy, CURLOPT_HEADERFUNCTION, &on_header);
    set(easy, CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
    if (request.method == "HEAD") {
      set(easy, CURLOPT_NOBODY, 1L);
    } else if (request.method == "PUT" || request.method == "POST") {
      set(easy, CURLOPT_UPLOAD, 1L);
      set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      set(easy, CURLOPT_READFUNCTION, &on_read);
      set(easy, CURLOPT_READDATA, static_cast<void*>(&transfer));
      set(easy, CURLOPT_SEEKFUNCTION, &on_seek);
      set(easy, CURLOPT_SEEKDATA, static_cast<void*>(&transfer));
    }
    // Without it libcurl waits for up to a second for a server that does not know it.
    curl_slist* headers = curl_->slist_append(nullptr, "Expect:");
    for (const Header& header : request.headers) {
      // An empty value is written with a semicolon; "Name:" would remove the header.
      headers = curl_->slist_append(
          headers, header.value.empty() ? fmt::format("{};", header.name).c_str()
                                        : fmt::format("{}: {}", header.name, header.value).c_str());
    }
    set(easy, CURLOPT_HTTPHEADER, headers);
    return headers;
  }

  Result<void> run(Handle handle, Transfer& transfer, const Deadline& deadline) const {
    int running = 1;
    while (running != 0) {
      if (curl_->multi_perform(handle.multi, &running) != CURLM_OK)
        return fail(ErrorCode::kInternal, "libcurl refuses to work");
      if (running == 0) break;
      if (deadline.cancelled()) return fail(ErrorCode::kCancelled, "the request was cancelled");
      std::array<curl_waitfd, 1> stop = {{{transfer.request.stop_fd, CURL_WAIT_POLLIN, 0}}};
      int ready = 0;
      if (curl_->multi_wait(handle.multi, stop.data(), transfer.request.stop_fd < 0 ? 0 : 1,
                            kLookMilliseconds, &ready) != CURLM_OK)
        return fail(ErrorCode::kInternal, "libcurl can't wait");
      if (stop[0].revents != 0) return fail(ErrorCode::kCancelled, "stopping");
    }
    int left = 0;
    const CURLMsg* message = curl_->multi_info_read(handle.multi, &left);
    if (message == nullptr || message->msg != CURLMSG_DONE)
      return fail(ErrorCode::kInternal, "libcurl has lost a request");
    long status = 0;
    curl_->easy_getinfo(handle.easy, CURLINFO_RESPONSE_CODE, &status);
    transfer.answer.status = static_cast<int>(status);
    return outcome_of(message->data.result, transfer, deadline);
  }

  Result<void> outcome_of(CURLcode code, const Transfer& transfer, const Deadline& deadline) const {
    const std::string_view url = without_query(transfer.request.url);
    if (code == CURLE_OK) return {};
    if (transfer.is_too_large)
      return fail(ErrorCode::kTooLarge, "the answer of {} has more than {} bytes", url,
                  transfer.request.max_answer_bytes);
    if (code == CURLE_OPERATION_TIMEDOUT && deadline.expired())
      return fail(ErrorCode::kDeadlineExceeded, "{} has not answered within the time limit", url);
    if (code == CURLE_OPERATION_TIMEDOUT)
      return fail(ErrorCode::kUnavailable, "{} does not answer: nothing has moved for a while",
                  url);
    const ErrorCode kind = code_of(code);
    return fail(kind, "{}: {}{}", url, curl_->easy_strerror(code),
                kind == ErrorCode::kPermissionDenied
                    ? "; if its certificate is of your own authority, name that one's file"
                    : "");
  }

  const Options options_;
  Mutex mutex_;
  std::unique_ptr<CurlLibrary> curl_;  // written once, by take()
  std::vector<Handle> idle_ LIVEDATA_GUARDED_BY(mutex_);
};

HttpClient::HttpClient(Options options)
    : connections_(std::make_unique<Connections>(std::move(options))) {}
HttpClient::~HttpClient() = default;

Result<Answer> HttpClient::send(const Request& request, const Deadline& deadline) {
  return connections_->send(request, deadline);
}

}  // namespace livedata::http_client
