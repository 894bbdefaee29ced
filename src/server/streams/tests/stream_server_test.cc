#include "server/streams/stream_server.h"

#include <algorithm>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "ingest/record_intake.h"
#include "server/net/tls_context.h"
#include "server/streams/tests/test_certificate.h"
#include "server/streams/tests/test_sink.h"
#include "server/streams/tests/test_socket.h"

namespace livedata::server {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

/// Each line is a record, answered with "ok LINE" unless told otherwise; "bye" ends the connection.
class LineSession final : public StreamSession {
 public:
  LineSession(const Limits& limits, bool answers) : limits_(limits), answers_(answers) {}

  std::string greeting() override { return "hello\n"; }
  Consumed consume(std::string_view bytes) override {
    held_ += bytes;
    Consumed consumed;
    const ingest::DecodeContext context{limits_, 1};
    ingest::RecordIntake intake(context);
    const auto slot = intake.stream({{"app", "test"}});
    std::size_t end = 0;
    std::vector<Field> fields;
    std::size_t at = 0;
    for (; (end = held_.find('\n', at)) != std::string::npos && !consumed.more; at = end + 1) {
      const std::string line = held_.substr(at, end - at);
      fields.clear();
      intake.add(slot, 1, line, fields);
      if (answers_) consumed.reply += "ok " + line + "\n";
      consumed.close |= line == "bye";
      consumed.more = line == "pause";
      ++num_messages_;
    }
    held_.erase(0, at);
    consumed.decoded = intake.take();
    return consumed;
  }
  [[nodiscard]] std::chrono::nanoseconds max_silence() const override {
    return held_ == "hurry" ? milliseconds(1) : milliseconds(0);
  }
  Consumed finish() override { return held_.empty() ? Consumed() : consume("\n"); }
  [[nodiscard]] std::uint64_t num_messages() const override { return num_messages_; }

 private:
  const Limits& limits_;
  const bool answers_;
  std::string held_;
  std::uint64_t num_messages_ = 0;
};

class StreamServerTest : public testing::Test {
 protected:
  StreamServerTest() {
    options_.name = "lines";
    options_.metric_prefix = "test";
    options_.listeners = {StreamListener{}};
    options_.stop_grace = std::chrono::seconds(5);
  }
  void start() {
    BatchWriter::Options options;
    options.retry_pause = milliseconds(5);
    writer_ = std::make_unique<BatchWriter>(options, sink_.sink(), "test", logger_, metrics_);
    auto server = StreamServer::start(
        options_, [this](const Peer&) { return std::make_unique<LineSession>(limits_, answers_); },
        *writer_, logger_, metrics_);
    ASSERT_TRUE(server.has_value()) << server.error().message;
    server_ = *std::move(server);
  }
  void stop() {
    server_.reset();
    writer_.reset();
  }
  std::unique_ptr<TestSocket> connect() {
    auto socket = std::make_unique<TestSocket>(server_->port(0));
    EXPECT_EQ(socket->receive(), "hello\n");
    return socket;
  }
  std::string metric(std::string_view name) const {
    const std::string page = metrics_.render();
    const std::size_t at = page.find("\n" + std::string(name) + " ");
    if (at == std::string::npos) return "";
    const std::size_t from = at + name.size() + 2;
    return page.substr(from, page.find('\n', from) - from);
  }

  Limits limits_;
  FakeClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  TestSink sink_;
  bool answers_ = true;
  StreamOptions options_;
  std::unique_ptr<BatchWriter> writer_;
  std::unique_ptr<StreamServer> server_;
};

TEST_F(StreamServerTest, AnswersWhenTheRecordsAreDurable) {
  start();
  const auto client = connect();
  client->send("one\ntwo\n");
  EXPECT_EQ(client->receive(), "ok one\nok two\n");
  EXPECT_THAT(sink_.lines(), ElementsAre("one", "two"));
  sink_.refuse = true;
  client->send("three\n");
  EXPECT_EQ(client->receive(milliseconds(100)), "");
  EXPECT_TRUE(TestSink::wait_until([&] { return sink_.num_refused > 2; }));
  sink_.refuse = false;
  EXPECT_EQ(client->receive(), "ok three\n");
  EXPECT_THAT(sink_.lines(), ElementsAre("one", "two", "three"));
}

TEST_F(StreamServerTest, MessagesMayComeInPieces) {
  start();
  const auto client = connect();
  client->send("on");
  EXPECT_EQ(client->receive(milliseconds(50)), "");
  client->send("e\ntwo");
  EXPECT_EQ(client->receive(), "ok one\n");
  client->close();
  EXPECT_TRUE(sink_.wait_for(2));
  EXPECT_THAT(sink_.lines(), ElementsAre("one", "two"));
}

TEST_F(StreamServerTest, AProtocolMayClose) {
  start();
  const auto client = connect();
  client->send("bye\nignored");
  EXPECT_EQ(client->receive(), "ok bye\n");
  EXPECT_TRUE(client->is_closed());
}

TEST_F(StreamServerTest, AStoreThatRefusesStopsTheSenderAndLosesNothing) {
  options_.max_read_bytes = 100'000;
  answers_ = false;
  start();
  sink_.refuse = true;
  const auto client = connect();
  std::string sent;
  while (sent.size() < 64'000'000) sent += "line " + std::to_string(sent.size()) + "\n";
  const std::size_t taken = client->send_until_blocked(sent);
  EXPECT_LT(taken, sent.size());
  EXPECT_EQ(sink_.num_lines, 0U);
  EXPECT_LE(std::stoul(metric("test_pending_bytes")), options_.max_read_bytes);
  sink_.refuse = false;
  client->close();
  const auto whole_lines = static_cast<std::size_t>(
      std::count(sent.begin(), sent.begin() + static_cast<long>(taken), '\n'));
  ASSERT_TRUE(sink_.wait_for(whole_lines));
  const std::vector<std::string> lines = sink_.lines();
  std::size_t at = 0;
  for (std::size_t i = 0; i < whole_lines; ++i) {
    const std::size_t end = sent.find('\n', at);
    ASSERT_EQ(lines[i], sent.substr(at, end - at));
    at = end + 1;
  }
}

TEST_F(StreamServerTest, WhatAllConnectionsHaveSentIsBounded) {
  options_.max_read_bytes = 10'000;
  options_.max_pending_bytes = 25'000;
  start();
  sink_.refuse = true;
  std::vector<std::unique_ptr<TestSocket>> clients;
  const std::string line(99, 'x');
  for (int i = 0; i < 10; ++i) {
    clients.push_back(connect());
    for (int k = 0; k < 200; ++k) clients.back()->send(line + "\n");
  }
  EXPECT_TRUE(TestSink::wait_until([&] { return sink_.num_refused > 20; }));
  EXPECT_LE(std::stoul(metric("test_pending_bytes")), 35'000U);
  sink_.refuse = false;
  EXPECT_TRUE(sink_.wait_for(2000));
  stop();
  EXPECT_EQ(sink_.num_lines, 2000U);
}

TEST_F(StreamServerTest, ManyConnectionsAreWrittenTogether) {
  start();
  std::vector<std::unique_ptr<TestSocket>> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(connect());
  for (int i = 0; i < 50; ++i) clients[static_cast<std::size_t>(i)]->send(std::to_string(i) + "\n");
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(clients[static_cast<std::size_t>(i)]->receive(), "ok " + std::to_string(i) + "\n");
  EXPECT_EQ(sink_.num_lines, 50U);
  EXPECT_LT(sink_.num_writes, 50U);
}

TEST_F(StreamServerTest, ConnectionsAreBounded) {
  options_.max_connections = 2;
  start();
  auto first = connect();
  const auto second = connect();
  TestSocket third(server_->port(0));
  EXPECT_TRUE(third.is_closed());
  EXPECT_EQ(metric("test_connections_refused_total{reason=\"limit\"}"), "1");
  EXPECT_EQ(metric("test_connections"), "2");
  first.reset();
  EXPECT_TRUE(TestSink::wait_until([&] { return server_->num_connections() == 1; }));
  connect();
}

TEST_F(StreamServerTest, ConnectionsOfAnAddressAreBounded) {
  options_.max_connections_per_address = 1;
  start();
  auto first = connect();
  TestSocket second(server_->port(0));
  EXPECT_TRUE(second.is_closed());
  EXPECT_EQ(metric("test_connections_refused_total{reason=\"address_limit\"}"), "1");
  first.reset();
  EXPECT_TRUE(TestSink::wait_until([&] { return server_->num_connections() == 0; }));
  connect();
}

TEST_F(StreamServerTest, IdleConnectionsAreClosed) {
  options_.idle_timeout = std::chrono::seconds(1);
  start();
  const auto idle = connect();
  const auto busy = connect();
  idle->send("unfinished");
  for (int i = 0; i < 15; ++i) {
    busy->send("x\n");
    EXPECT_EQ(busy->receive(), "ok x\n");
    std::this_thread::sleep_for(milliseconds(100));
  }
  EXPECT_TRUE(idle->is_closed());
  EXPECT_THAT(sink_.lines(), testing::Contains("unfinished"));
}

TEST_F(StreamServerTest, AProtocolMayWantThePeerToGoOnSoon) {
  options_.idle_timeout = std::chrono::hours(1);
  start();
  const auto patient = connect();
  const auto hurried = connect();
  patient->send("unfinished");
  hurried->send("hurry");
  EXPECT_TRUE(hurried->is_closed());
  EXPECT_FALSE(patient->is_closed(milliseconds(50)));
}

TEST_F(StreamServerTest, WhatAProtocolLeftForLaterIsTakenBeforeMoreIsRead) {
  start();
  const auto client = connect();
  client->send("one\npause\npause\ntwo\nbye\n");
  std::string answers;
  while (answers.find("bye") == std::string::npos) {
    const std::string part = client->receive();
    ASSERT_FALSE(part.empty());
    answers += part;
  }
  EXPECT_EQ(answers, "ok one\nok pause\nok pause\nok two\nok bye\n");
  EXPECT_EQ(sink_.num_lines, 5U);
}

TEST_F(StreamServerTest, StoppingWritesWhatHasArrived) {
  start();
  std::vector<std::unique_ptr<TestSocket>> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(connect());
  sink_.refuse = true;
  for (const auto& client : clients) client->send("one\ntwo\n");
  EXPECT_TRUE(TestSink::wait_until([&] { return sink_.num_refused > 0; }));
  for (const auto& client : clients) client->send("three\nfour");
  std::thread allow([this] {
    std::this_thread::sleep_for(milliseconds(100));
    sink_.refuse = false;
  });
  stop();
  allow.join();
  EXPECT_EQ(sink_.num_lines, 20U);
  for (const auto& client : clients) EXPECT_FALSE(client->receive().empty());
}

TEST_F(StreamServerTest, StoppingGivesUpWhatTheStoreNeverTakes) {
  options_.stop_grace = milliseconds(100);
  start();
  const auto client = connect();
  sink_.refuse = true;
  client->send("one\ntwo\n");
  EXPECT_TRUE(TestSink::wait_until([&] { return sink_.num_refused > 0; }));
  const auto begin = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_EQ(metric("test_unwritten_records_total"), "2");
  EXPECT_EQ(client->receive(), "");
}

TEST_F(StreamServerTest, ABatchThatCanNeverBeWrittenEndsItsConnection) {
  start();
  const auto client = connect();
  sink_.refusal = ErrorCode::kTooLarge;
  sink_.refuse = true;
  client->send("one\n");
  EXPECT_TRUE(client->is_closed());
  EXPECT_EQ(metric("test_unwritten_records_total"), "1");
}

TEST_F(StreamServerTest, SaysThatAPortIsInUse) {
  start();
  options_.listeners[0].port = server_->port(0);
  const auto second = StreamServer::start(
      options_, [this](const Peer&) { return std::make_unique<LineSession>(limits_, answers_); },
      *writer_, logger_, metrics_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
}

TEST_F(StreamServerTest, StopsWithoutAnyConnection) {
  start();
  stop();
}

class TlsServerTest : public StreamServerTest {
 protected:
  TlsServerTest() {
    options_.listeners = {
        {"127.0.0.1", 0,
         TlsOptions{server_certificate_.certificate_file, server_certificate_.key_file, ""}}};
  }

  /// What the server answers to the bytes; "" if it does not want us.
  std::string talk(const std::string& bytes, const TestCertificate* client_certificate = nullptr) {
    namespace ssl = boost::asio::ssl;
    boost::system::error_code error;
    boost::asio::io_context io;
    ssl::context context(ssl::context::tls_client);
    context.load_verify_file(server_certificate_.certificate_file);
    context.set_verify_mode(ssl::verify_peer);
    if (client_certificate != nullptr) {
      context.use_certificate_chain_file(client_certificate->certificate_file);
      context.use_private_key_file(client_certificate->key_file, ssl::context::pem);
    }
    ssl::stream<boost::asio::ip::tcp::socket> stream(io, context);
    stream.next_layer().connect({boost::asio::ip::make_address("127.0.0.1"), server_->port(0)});
    stream.handshake(ssl::stream_base::client, error);
    if (error) return "";
    std::string answer;
    boost::asio::write(stream, boost::asio::buffer(bytes), error);
    std::array<char, 4096> buffer{};
    while (!error && std::count(answer.begin(), answer.end(), '\n') <
                         1 + std::count(bytes.begin(), bytes.end(), '\n')) {
      answer.append(buffer.data(), stream.read_some(boost::asio::buffer(buffer), error));
    }
    stream.shutdown(error);
    return answer;
  }

  TestCertificate server_certificate_{"stream_server"};
};

TEST_F(TlsServerTest, SpeaksTls) {
  start();
  EXPECT_EQ(talk("one\ntwo\n"), "hello\nok one\nok two\n");
  EXPECT_THAT(sink_.lines(), ElementsAre("one", "two"));
}

TEST_F(TlsServerTest, TakesMoreThanARecordOfTls) {
  start();
  std::string sent;
  for (int i = 0; i < 20'000; ++i) sent += "line " + std::to_string(i) + "\n";
  talk(sent);
  ASSERT_EQ(sink_.num_lines, 20'000U);
  EXPECT_EQ(sink_.lines().back(), "line 19999");
  EXPECT_LT(sink_.num_writes, 200U);
}

TEST_F(TlsServerTest, MayAskForCertificates) {
  const TestCertificate known("known_client");
  const TestCertificate unknown("unknown_client");
  options_.listeners[0].tls->client_ca = known.certificate_file;
  start();
  EXPECT_EQ(talk("one\n", &known), "hello\nok one\n");
  EXPECT_EQ(talk("two\n", &unknown), "");
  EXPECT_EQ(talk("three\n"), "");
  EXPECT_TRUE(TestSink::wait_until(
      [&] { return metric("test_connections_refused_total{reason=\"handshake\"}") == "2"; }));
  EXPECT_THAT(sink_.lines(), ElementsAre("one"));
}

TEST_F(TlsServerTest, PlainTextIsNoHandshake) {
  start();
  TestSocket client(server_->port(0));
  client.send("one\ntwo\nthree\n");
  EXPECT_TRUE(TestSink::wait_until(
      [&] { return metric("test_connections_refused_total{reason=\"handshake\"}") == "1"; }));
  EXPECT_EQ(sink_.num_lines, 0U);
}

TEST_F(TlsServerTest, SaysWhichFileIsWrong) {
  const auto error_of = [&](const TlsOptions& tls) {
    const auto context = make_tls_context(tls);
    return context.has_value() ? "" : context.error().message;
  };
  const std::string& certificate = server_certificate_.certificate_file;
  const std::string& key = server_certificate_.key_file;
  EXPECT_EQ(error_of({certificate, key, ""}), "");
  EXPECT_THAT(error_of({"/nonexistent.pem", key, ""}), HasSubstr("/nonexistent.pem"));
  EXPECT_THAT(error_of({certificate, certificate, ""}), HasSubstr("as the key"));
  EXPECT_THAT(error_of({certificate, key, "/nonexistent.pem"}), HasSubstr("authority"));
}

}  // namespace
}  // namespace livedata::server
