// Runs the text files in tests/logql: records, queries and their expected answers. Each file is run
// with the records in the head, and again flushed into segments of tiny blocks; both must answer
// the same.
//
//   records                    then one record a line: SECONDS {labels} [field=value ...] | line
//   query QUERY                a log query over everything, oldest first; then the expected lines
//                              with what was parsed
//   backward QUERY             the same, newest first
//   folded QUERY               the same with all labels in front
//   instant SECONDS QUERY      a metric query; then the expected "labels value" lines, sorted by
//   labels range START END STEP QUERY then "labels value@seconds ..." lines error QUERY then a part
//   of the expected message
//
// A block ends at an empty line. Lines that start with # are comments.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "query/logql/engine.h"
#include "query/plan/units.h"
#include "storage/store.h"

namespace livedata::query::logql {
namespace {

constexpr TimestampNs kSecond = kNsPerSecond;

struct Block {
  std::string head;
  std::vector<std::string> lines;
  int number = 0;
};

std::vector<Block> read_blocks(const std::filesystem::path& path) {
  std::vector<Block> blocks;
  std::ifstream in(path);
  std::string line;
  bool open = false;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.starts_with('#')) continue;
    if (line.empty()) {
      open = false;
    } else if (!open) {
      blocks.push_back({line, {}, number});
      open = true;
    } else {
      blocks.back().lines.push_back(line);
    }
  }
  return blocks;
}

std::string unescape(std::string text) {
  for (std::size_t at = 0; (at = text.find("\\n", at)) != std::string::npos;)
    text.replace(at, 2, "\n");
  return text;
}

class LanguageTest : public testing::TestWithParam<std::tuple<std::string, bool>> {
 protected:
  LanguageTest() {
    options_.data_folder =
        std::filesystem::path(testing::TempDir()) /
        ("logql_" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
         std::get<0>(GetParam()) + (std::get<1>(GetParam()) ? "_disk" : "_head"));
    options_.block_bytes = 64;
    std::filesystem::remove_all(options_.data_folder);
    store_ = *storage::Store::open(options_, storage::OpenMode::kReadWrite, files_, clock_, logger_,
                                   metrics_);
    engine_ = std::make_unique<Engine>(*store_, pool_, limits_, clock_);
  }
  ~LanguageTest() override {
    store_.reset();
    std::filesystem::remove_all(options_.data_folder);
  }

  void add_records(const std::vector<std::string>& lines) {
    RecordBatch batch;
    for (const std::string& text : lines) {
      std::istringstream in(text);
      double seconds = 0;
      in >> seconds;
      const std::size_t open = text.find('{');
      const std::size_t close = text.find('}');
      const auto matchers = parse_selector(text.substr(open, close - open + 1));
      ASSERT_TRUE(matchers.has_value()) << text;
      std::vector<Label> labels;
      for (const LabelMatcher& matcher : *matchers)
        labels.push_back({matcher.name(), matcher.value()});
      const std::size_t bar = text.find('|', close);
      std::istringstream field_text(text.substr(close + 1, bar - close - 1));
      std::vector<std::string> words;
      for (std::string word; field_text >> word;) words.push_back(word);
      std::vector<Field> fields;
      for (const std::string& word : words) {
        const std::string_view name = std::string_view(word).substr(0, word.find('='));
        const std::string_view value = std::string_view(word).substr(name.size() + 1);
        const auto number = plan::parse_number(value);
        fields.push_back({name, number ? FieldValue(*number) : FieldValue(value)});
      }
      const std::string line = unescape(text.substr(std::min(bar + 2, text.size())));
      batch.add(batch.add_stream(Labels(labels)), static_cast<TimestampNs>(seconds * 1e9), line,
                fields);
    }
    ASSERT_TRUE(store_->append(TenantId::single(), std::move(batch)));
    if (std::get<1>(GetParam())) {
      ASSERT_TRUE(store_->flush());
    }
  }

  std::vector<std::string> run_log(const std::string& text, bool folded = false,
                                   Direction direction = Direction::kForward) {
    RangeQuery query;
    query.text = text;
    query.end = 1'000'000 * kSecond;
    query.limit = 1000;
    query.direction = direction;
    const auto answer = engine_->range(TenantId::single(), query, Deadline());
    if (!answer) return {"ERROR " + answer.error().message};
    std::vector<std::string> out;
    for (const LogRow& row : std::get<LogRows>(answer->value).rows) {
      std::string shown = row.line;
      if (folded) {
        std::vector<Label> all(row.stream->labels.begin(), row.stream->labels.end());
        all.insert(all.end(), row.metadata.begin(), row.metadata.end());
        all.insert(all.end(), row.parsed.begin(), row.parsed.end());
        out.push_back(Labels(all).to_string() + " " + row.line);
        continue;
      }
      for (const Label& label : row.parsed) shown += " [" + label.name + "=" + label.value + "]";
      out.push_back(shown);
    }
    return out;
  }

  static std::string show(const Series& series, bool with_time) {
    std::string out = series.labels.to_string();
    for (const Sample& sample : series.samples) {
      out += " " + plan::format_value(sample.value);
      if (with_time) out += "@" + std::to_string(sample.time / kSecond);
    }
    return out;
  }

  std::vector<std::string> run_instant(const std::string& arguments) {
    std::istringstream in(arguments);
    double seconds = 0;
    in >> seconds;
    std::string text;
    std::getline(in >> std::ws, text);
    const auto answer = engine_->instant(
        TenantId::single(), {.text = text, .time = static_cast<TimestampNs>(seconds * 1e9)},
        Deadline());
    if (!answer) return {"ERROR " + answer.error().message};
    if (const auto* scalar = std::get_if<Scalar>(&answer->value))
      return {plan::format_value(scalar->sample.value)};
    std::vector<std::string> out;
    for (const Series& series : std::get<Vector>(answer->value).series)
      out.push_back(show(series, false));
    return out;
  }

  std::vector<std::string> run_range(const std::string& arguments) {
    std::istringstream in(arguments);
    RangeQuery query;
    in >> query.start >> query.end >> query.step_ns;
    for (std::int64_t* time : {&query.start, &query.end, &query.step_ns}) *time *= kSecond;
    std::getline(in >> std::ws, query.text);
    const auto answer = engine_->range(TenantId::single(), query, Deadline());
    if (!answer) return {"ERROR " + answer.error().message};
    std::vector<std::string> out;
    for (const Series& series : std::get<Matrix>(answer->value).series)
      out.push_back(show(series, true));
    return out;
  }

  PosixFileSystem files_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  storage::StoreOptions options_;
  Limits limits_;
  ThreadPool pool_{"test", 2, 100};
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Engine> engine_;
};

TEST_P(LanguageTest, AnswersAsExpected) {
  const std::filesystem::path path =
      std::filesystem::path(LOGQL_TESTS) / (std::get<0>(GetParam()) + ".test");
  const std::vector<Block> blocks = read_blocks(path);
  ASSERT_FALSE(blocks.empty());
  for (const Block& block : blocks) {
    SCOPED_TRACE(path.filename().string() + ":" + std::to_string(block.number) + " " + block.head);
    const std::string word = block.head.substr(0, block.head.find(' '));
    const std::string rest =
        block.head.size() > word.size() ? block.head.substr(word.size() + 1) : "";
    if (word == "folded") {
      EXPECT_EQ(run_log(rest, true), block.lines);
    } else if (word == "backward") {
      EXPECT_EQ(run_log(rest, false, Direction::kBackward), block.lines);
    } else if (word == "records") {
      add_records(block.lines);
    } else if (word == "query") {
      EXPECT_EQ(run_log(rest), block.lines);
    } else if (word == "instant") {
      EXPECT_EQ(run_instant(rest), block.lines);
    } else if (word == "range") {
      EXPECT_EQ(run_range(rest), block.lines);
    } else if (word == "error") {
      const std::vector<std::string> got =
          rest.starts_with("{") ? run_log(rest) : run_instant("100 " + rest);
      ASSERT_EQ(got.size(), 1U);
      ASSERT_EQ(block.lines.size(), 1U);
      EXPECT_NE(got[0].find(block.lines[0]), std::string::npos) << got[0];
    } else {
      ADD_FAILURE() << "unknown block " << word;
    }
  }
}

std::vector<std::string> test_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(LOGQL_TESTS)) {
    if (entry.path().extension() == ".test") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Files, LanguageTest,
                         testing::Combine(testing::ValuesIn(test_names()), testing::Bool()),
                         [](const auto& test) {
                           return std::get<0>(test.param) +
                                  (std::get<1>(test.param) ? "_in_segments" : "_in_the_head");
                         });

}  // namespace
}  // namespace livedata::query::logql
