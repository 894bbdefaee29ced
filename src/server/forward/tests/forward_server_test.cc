#include "server/forward/forward_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/tests/msgpack_text.h"
#include "server/streams/tests/test_certificate.h"
#include "server/streams/tests/test_sink.h"
#include "server/streams/tests/test_socket.h"

namespace livedata::server {
namespace {

using namespace ingest::fluent::testing_values;  // NOLINT(google-build-using-namespace)
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

std::string message(const std::string& line, const std::string& chunk = "") {
  const auto options = chunk.empty() ? map({}) : map({{"chunk", str(chunk)}});
  return array({str("t"), num(1), map({{"log", str(line)}}), options});
}

std::string acknowledgement(const std::string& chunk) { return "\x81" + str("ack") + str(chunk); }

class ForwardServerTest : public testing::Test {
 protected:
  ForwardServerTest() { options_.address = ForwardOptions::Address{"127.0.0.1", 0}; }

  void start() {
    auto server = ForwardServer::start(options_, limits_, sink_.sink(), clock_, logger_, metrics_);
    ASSERT_TRUE(server.has_value()) << server.error().message;
    server_ = *std::move(server);
  }
  Limits limits_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  TestSink sink_;
  ForwardOptions options_;
  std::unique_ptr<ForwardServer> server_;
};

TEST_F(ForwardServerTest, AcknowledgesWhatIsDurableAndNothingElse) {
  start();
  TestSocket client(server_->port());
  client.send(message("one", "a"));
  EXPECT_EQ(client.receive(), acknowledgement("a"));
  EXPECT_THAT(sink_.lines(), ElementsAre("one"));
  EXPECT_THAT(sink_.labels(), ElementsAre(HasSubstr("tag=\"t\"")));
  sink_.refuse = true;
  client.send(message("two", "b"));
  EXPECT_EQ(client.receive(milliseconds(100)), "");
  EXPECT_TRUE(TestSink::wait_until([&] { return sink_.num_refused > 0; }));
  sink_.refuse = false;
  EXPECT_EQ(client.receive(), acknowledgement("b"));
  EXPECT_THAT(sink_.lines(), ElementsAre("one", "two"));
  // What the store never takes is never acknowledged.
  sink_.refusal = ErrorCode::kInternal;
  sink_.refuse = true;
  client.send(message("three", "c"));
  EXPECT_EQ(client.receive(), "");
}

TEST_F(ForwardServerTest, NobodyReadsWhileTheStoreTakesNothing) {
  start();
  sink_.refuse = true;
  TestSocket client(server_->port());
  std::string bytes;
  const std::string line(1000, 'x');
  std::size_t count = 0;
  for (; bytes.size() < 32_MiB; ++count) bytes += message(line + std::to_string(count));
  const std::size_t taken = client.send_until_blocked(bytes);
  EXPECT_LT(taken, bytes.size());
  sink_.refuse = false;
  client.send(std::string_view(bytes).substr(taken));
  client.send(message("last", "end"));
  EXPECT_EQ(client.receive(std::chrono::seconds(60)), acknowledgement("end"));
  EXPECT_EQ(sink_.num_lines, count + 1);
}

TEST_F(ForwardServerTest, MistakesEndTheConnectionBehindWhatWasGood) {
  start();
  TestSocket client(server_->port());
  client.send(message("good", "a") + "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.receive(), acknowledgement("a"));
  EXPECT_TRUE(client.is_closed());
  EXPECT_THAT(sink_.lines(), ElementsAre("good"));
  EXPECT_EQ(sink_.num_rejected, 1U);
}

TEST_F(ForwardServerTest, TheKeyOpensTheDoor) {
  options_.shared_key = "secret";
  start();
  TestSocket stranger(server_->port());
  EXPECT_THAT(stranger.receive(), HasSubstr("HELO"));
  stranger.send(message("no", "a"));
  EXPECT_THAT(stranger.receive(), HasSubstr("PONG\xc2"));
  EXPECT_TRUE(stranger.is_closed());
  // Every connection has a nonce of its own.
  TestSocket one(server_->port());
  TestSocket two(server_->port());
  const std::string hello = one.receive();
  EXPECT_THAT(hello, HasSubstr("HELO"));
  EXPECT_NE(hello, two.receive());
  EXPECT_EQ(sink_.num_lines, 0U);
}

TEST_F(ForwardServerTest, StoppingWritesWhatHasArrived) {
  start();
  sink_.refuse = true;
  TestSocket client(server_->port());
  for (int i = 0; i < 100; ++i) client.send(message("line " + std::to_string(i)));
  ASSERT_TRUE(TestSink::wait_until([&] { return sink_.num_refused > 0; }));
  std::thread allow([this] {
    std::this_thread::sleep_for(milliseconds(50));
    sink_.refuse = false;
  });
  server_.reset();
  allow.join();
  EXPECT_EQ(sink_.num_lines, 100U);
  EXPECT_THAT(metrics_.render(), testing::Not(HasSubstr("livedata_forward_incomplete_bytes ")));
}

TEST_F(ForwardServerTest, ConnectionsAreBounded) {
  options_.max_connections_per_address = 1;
  start();
  TestSocket first(server_->port());
  first.send(message("x", "a"));
  EXPECT_EQ(first.receive(), acknowledgement("a"));
  TestSocket second(server_->port());
  EXPECT_TRUE(second.is_closed());
}

TEST_F(ForwardServerTest, ListensForTlsAlone) {
  const TestCertificate certificate("forward_server");
  options_.tls_address = std::exchange(options_.address, std::nullopt);
  options_.tls = {certificate.certificate_file, certificate.key_file, ""};
  start();
  EXPECT_EQ(server_->port(), 0);
  EXPECT_NE(server_->tls_port(), 0);
  options_.tls.key = "/nonexistent";
  options_.tls_address->port = 0;
  const auto wrong =
      ForwardServer::start(options_, limits_, sink_.sink(), clock_, logger_, metrics_);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(ForwardServerTest, SaysThatAPortIsInUse) {
  start();
  ForwardOptions again = options_;
  again.address->port = server_->port();
  const auto second = ForwardServer::start(again, limits_, sink_.sink(), clock_, logger_, metrics_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
}

}  // namespace
}  // namespace livedata::server
