#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/metric.h"
#include "ingest/content.h"
#include "server/grpc/http2_session.h"
#include "server/grpc/method.h"

namespace livedata::server::grpc {

struct CallLimits {
  std::size_t max_message_bytes = 0;    ///< as received
  std::size_t max_expanded_bytes = 0;   ///< after decompression
  std::size_t max_expansion_ratio = 0;  ///< of the sizes after and before; 0: no bound
  std::size_t max_calls = 200;          ///< on all connections, from headers to answer
  std::size_t max_buffered_bytes = 0;   ///< of requests that are not answered, on all connections
  std::chrono::nanoseconds max_duration = std::chrono::minutes(1);  ///< of a call
};

/// What all connections share. Changed by the thread that owns them.
struct CallTotals {
  std::size_t calls = 0;
  std::atomic<std::size_t> buffered_bytes = 0;  ///< may be read by others
};

/// A complete request, on its way to a thread that runs it.
struct ReadyCall {
  const Method* method = nullptr;
  Caller caller;
  std::string body;
  ingest::Encoding encoding = ingest::Encoding::kIdentity;
  Deadline deadline;
};

/// Reads the message and calls the method. On any thread.
Result<std::string> run_call(const ReadyCall& call, const CallLimits& limits);

/// gRPC on one connection, without its socket: unary calls come in, replies go out. Refuses what is
/// over a limit, with a status that says whether to repeat it. Not thread-safe.
class CallServer final : private Http2Session::Events {
 public:
  /// Takes a call to run; finish() must follow, also when the client has given up meanwhile. False:
  /// there is no room for it.
  using Start = std::function<bool(StreamNumber, ReadyCall)>;

  /// `methods`, `limits`, `totals` and `metrics` must outlive the server.
  CallServer(const Methods& methods, const CallLimits& limits, CallTotals& totals,
             MetricRegistry& metrics, Start start);
  ~CallServer() override;
  CallServer(const CallServer&) = delete;
  CallServer& operator=(const CallServer&) = delete;

  /// As Http2Session's.
  Result<void> receive(std::string_view bytes) { return session_.receive(bytes); }
  Result<void> write(std::string& out) { return session_.write(out); }
  void go_away() { session_.go_away(); }
  [[nodiscard]] bool is_done() const { return session_.is_done(); }

  /// The response's message, or the error.
  void finish(StreamNumber stream, const Result<std::string>& reply);
  /// Refuses requests that have not come in completely in the time that a call may take.
  void refuse_overdue();
  [[nodiscard]] bool is_idle() const { return calls_.empty(); }

 private:
  struct Call {
    std::string path;
    const Method* method = nullptr;
    Caller caller;
    ingest::Encoding encoding = ingest::Encoding::kIdentity;
    Deadline deadline;
    std::string body;
    std::size_t buffered_bytes = 0;
    bool is_running = false;
    bool is_closed = false;  // by the client, while it runs
  };

  void on_headers(StreamNumber stream, HeaderList headers) override;
  void on_data(StreamNumber stream, std::string_view bytes) override;
  void on_end(StreamNumber stream) override;
  void on_close(StreamNumber stream) override;

  [[nodiscard]] Result<Call> accept(const HeaderList& headers) const;
  void refuse(StreamNumber stream, const Error& error);
  /// The same for a call that was accepted.
  void give_up(StreamNumber stream, const Error& error);
  void count(std::string_view path, int code);
  void forget(StreamNumber stream);

  const Methods& methods_;
  const CallLimits& limits_;
  CallTotals& totals_;
  MetricRegistry& metrics_;
  Start start_;
  std::map<StreamNumber, Call> calls_;
  Http2Session session_;
};

}  // namespace livedata::server::grpc
