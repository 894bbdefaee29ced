#include "server/grpc/http2_session.h"

#include <algorithm>
#include <array>
#include <map>

#include <nghttp2/nghttp2.h>

#include "base/bytes.h"
#include "base/check.h"

namespace livedata::server::grpc {
namespace {

constexpr std::size_t kMaxHeaderBytes = 16_KiB;  // of one request, as RFC 9113 counts them
constexpr std::size_t kHeaderOverhead = 32;      // section 6.5.2
constexpr std::uint32_t kMaxStreams = 100;
constexpr std::uint32_t kStreamWindow = 1 << 20;  // what a sender may have on its way
constexpr std::int32_t kConnectionWindow = 4 << 20;
constexpr std::size_t kWriteSize = 64_KiB;

struct FreeCallbacks {
  void operator()(nghttp2_session_callbacks* c) const { nghttp2_session_callbacks_del(c); }
};
struct FreeOption {
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};
struct FreeSession {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

/// Points to the list's strings.
std::vector<nghttp2_nv> to_nghttp2(const HeaderList& headers) {
  std::vector<nghttp2_nv> out;
  out.reserve(headers.size());
  // nghttp2 takes pointers to bytes that it does not change.
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));  // NOLINT
  };
  for (const auto& [name, value] : headers)
    out.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  return out;
}

}  // namespace

std::string_view find_header(const HeaderList& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const auto& header) { return header.first == name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

class Http2Session::Impl {
 public:
  explicit Impl(Events& events) : events_(events) {
    nghttp2_option* raw_option = nullptr;
    LIVEDATA_CHECK(nghttp2_option_new(&raw_option) == 0);
    const std::unique_ptr<nghttp2_option, FreeOption> option(raw_option);
    // Nothing asks for streams that are closed.
    nghttp2_option_set_no_closed_streams(option.get(), 1);
    const auto callbacks = make_callbacks();
    nghttp2_session* session = nullptr;
    LIVEDATA_CHECK(nghttp2_session_server_new2(&session, callbacks.get(), this, option.get()) == 0);
    session_.reset(session);
    const std::array<nghttp2_settings_entry, 3> settings = {{
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMaxStreams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kMaxHeaderBytes},
    }};
    LIVEDATA_CHECK(
        nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) == 0);
    LIVEDATA_CHECK(nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
                                                         kConnectionWindow) == 0);
  }

  Result<void> receive(std::string_view bytes) {
    const ssize_t taken = nghttp2_session_mem_recv(
        session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (taken == static_cast<ssize_t>(bytes.size())) return {};
    if (taken == NGHTTP2_ERR_BAD_CLIENT_MAGIC)
      return fail(ErrorCode::kUnsupported, "the client does not speak HTTP/2");
    return fail(ErrorCode::kInvalidArgument, "HTTP/2: {}",
                taken < 0 ? nghttp2_strerror(static_cast<int>(taken)) : "bytes are left over");
  }

  Result<void> write(std::string& out) {
    const std::size_t end = out.size() + kWriteSize;
    while (out.size() < end) {
      const std::uint8_t* bytes = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
      if (size < 0)
        return fail(ErrorCode::kInternal, "HTTP/2: {}", nghttp2_strerror(static_cast<int>(size)));
      if (size == 0) break;
      out += view(bytes, static_cast<std::size_t>(size));
    }
    return {};
  }

  void answer(StreamNumber stream, const HeaderList& headers, std::string body,
              HeaderList trailers) {
    const std::vector<nghttp2_nv> list = to_nghttp2(headers);
    if (body.empty() && trailers.empty()) {
      check(nghttp2_submit_response(session_.get(), stream, list.data(), list.size(), nullptr));
      return;
    }
    answers_[stream] = {std::move(body), 0, std::move(trailers)};
    const nghttp2_data_provider provider{{0}, &read_body};
    check(nghttp2_submit_response(session_.get(), stream, list.data(), list.size(), &provider));
  }

  void go_away() {
    check(nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                                nghttp2_session_get_last_proc_stream_id(session_.get()),
                                NGHTTP2_NO_ERROR, nullptr, 0));
  }

  [[nodiscard]] bool is_done() const {
    return nghttp2_session_want_read(session_.get()) == 0 &&
           nghttp2_session_want_write(session_.get()) == 0;
  }

 private:
  struct Answer {
    std::string body;
    std::size_t sent = 0;
    HeaderList trailers;
  };
  struct Headers {
    HeaderList list;
    std::size_t bytes = 0;
  };

  static std::unique_ptr<nghttp2_session_callbacks, FreeCallbacks> make_callbacks() {
    nghttp2_session_callbacks* raw = nullptr;
    LIVEDATA_CHECK(nghttp2_session_callbacks_new(&raw) == 0);
    nghttp2_session_callbacks_set_on_header_callback(raw, &on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(raw, &on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw, &on_data);
    nghttp2_session_callbacks_set_on_frame_send_callback(raw, &on_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(raw, &on_close);
    return std::unique_ptr<nghttp2_session_callbacks, FreeCallbacks>(raw);
  }

  /// Submitting fails for streams that are gone, and without memory.
  static void check(int result) { LIVEDATA_CHECK(result != NGHTTP2_ERR_NOMEM); }
  static Impl& self(void* user_data) { return *static_cast<Impl*>(user_data); }

  static bool is_request(const nghttp2_frame* frame) {
    return frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
  }

  static int on_header(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                       const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                       std::size_t value_size, std::uint8_t /*flags*/, void* user_data) {
    if (!is_request(frame)) return 0;  // trailers
    Headers& headers = self(user_data).headers_[frame->hd.stream_id];
    headers.bytes += name_size + value_size + kHeaderOverhead;
    // Resets the stream.
    if (headers.bytes > kMaxHeaderBytes) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    headers.list.emplace_back(view(name, name_size), view(value, value_size));
    return 0;
  }

  static int on_frame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user_data) {
    Impl& impl = self(user_data);
    const StreamNumber stream = frame->hd.stream_id;
    if (is_request(frame)) {
      HeaderList list = std::move(impl.headers_[stream].list);
      impl.headers_.erase(stream);
      impl.events_.on_headers(stream, std::move(list));
    }
    const bool has_content = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (has_content && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
      impl.events_.on_end(stream);
    return 0;
  }

  static int on_data(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t stream,
                     const std::uint8_t* bytes, std::size_t size, void* user_data) {
    self(user_data).events_.on_data(stream, view(bytes, size));
    return 0;
  }

  /// An answer that is sent before its request has ended makes the rest of that superfluous (RFC
  /// 9113, section 8.1).
  static int on_sent(nghttp2_session* session, const nghttp2_frame* frame, void* /*user_data*/) {
    const StreamNumber stream = frame->hd.stream_id;
    const bool ends = (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
                      (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (ends && nghttp2_session_get_stream_remote_close(session, stream) == 0)
      check(nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_NO_ERROR));
    return 0;
  }

  static int on_close(nghttp2_session* /*session*/, std::int32_t stream, std::uint32_t /*error*/,
                      void* user_data) {
    Impl& impl = self(user_data);
    impl.headers_.erase(stream);
    impl.answers_.erase(stream);
    impl.events_.on_close(stream);
    return 0;
  }

  static ssize_t read_body(nghttp2_session* session, std::int32_t stream, std::uint8_t* buffer,
                           std::size_t size, std::uint32_t* flags, nghttp2_data_source* /*source*/,
                           void* user_data) {
    Answer& answer = self(user_data).answers_[stream];
    const std::size_t count = std::min(size, answer.body.size() - answer.sent);
    std::copy_n(answer.body.begin() + static_cast<std::ptrdiff_t>(answer.sent), count, buffer);
    answer.sent += count;
    if (answer.sent < answer.body.size()) return static_cast<ssize_t>(count);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!answer.trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const std::vector<nghttp2_nv> trailers = to_nghttp2(answer.trailers);
      check(nghttp2_submit_trailer(session, stream, trailers.data(), trailers.size()));
    }
    return static_cast<ssize_t>(count);
  }

  Events& events_;
  std::map<StreamNumber, Headers> headers_;  // that are not complete
  std::map<StreamNumber, Answer> answers_;   // that are not sent
  std::unique_ptr<nghttp2_session, FreeSession> session_;
};

Http2Session::Http2Session(Events& events) : impl_(std::make_unique<Impl>(events)) {}
Http2Session::~Http2Session() = default;

Result<void> Http2Session::receive(std::string_view bytes) { return impl_->receive(bytes); }
Result<void> Http2Session::write(std::string& out) { return impl_->write(out); }
void Http2Session::answer(StreamNumber stream, const HeaderList& headers, std::string body,
                          HeaderList trailers) {
  impl_->answer(stream, headers, std::move(body), std::move(trailers));
}
void Http2Session::go_away() { impl_->go_away(); }
bool Http2Session::is_done() const { return impl_->is_done(); }

}  // namespace livedata::server::grpc
