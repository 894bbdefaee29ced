#include "collect/custom/record_maker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "collect/custom/custom_page.h"
#include "collect/custom/tests/readings_of.h"

namespace livedata::collect::custom {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

class RecordMakerTest : public testing::Test {
 protected:
  RecordMakerTest() { spec_.name = "app"; }

  /// Records as labels, line, fields, and the time if it is not now.
  std::vector<std::string> records(OutputFormat format, std::string text, int exit_code = 0) {
    RecordBatch batch;
    outcome_ = RecordMaker(spec_, "web1", limits_)
                   .add(read(format, std::move(text), exit_code, spec_.limits), kNow, batch);
    std::vector<std::string> all;
    for (RowIndex row = 0; row < batch.num_rows(); ++row) {
      std::string record =
          fmt::format("{} {}:", batch.stream(row).labels.to_string(), batch.line(row));
      for (const Field& field : batch.fields(row))
        record += fmt::format(" {}={}", field.name, to_string(field.value));
      if (batch.timestamps()[row] != kNow)
        record += fmt::format(" at {}", batch.timestamps()[row] - kNow);
      all.push_back(std::move(record));
    }
    return all;
  }

  CollectorSpec spec_;
  Limits limits_;
  RecordMaker::Outcome outcome_;
};

TEST_F(RecordMakerTest, SeriesWithTheSameLabelsAreOneRecord) {
  EXPECT_THAT(records(OutputFormat::kPrometheus,
                      "a 1\nreads{disk=\"x\"} 2\nb 3\nwrites{disk=\"x\"} 4.5\nnone NaN\n"
                      "h_bucket{disk=\"x\",le=\"0.1\"} 5\nt 6 1699999999000\n"),
              ElementsAre(R"({host="web1", source="app"} : a=1 b=3)",
                          R"({disk="x", host="web1", source="app"} : reads=2 writes=4.5)",
                          R"({disk="x", host="web1", source="app"} : h_bucket=5 le=0.1)",
                          R"({host="web1", source="app"} : t=6 at -1000000000)"));
}

TEST_F(RecordMakerTest, TextsOfOtherFormatsAreFieldsUnlessTheyAreNamed) {
  const std::string text = "{\"queue\":\"mail\",\"state\":\"ok\",\"length\":5}\n";
  EXPECT_THAT(records(OutputFormat::kJson, text + text),
              ElementsAre(R"({host="web1", source="app"} : length=5 queue=mail state=ok)",
                          R"({host="web1", source="app"} : length=5 queue=mail state=ok)"));
  spec_.stream_labels = {"queue"};
  spec_.labels = {{"env", "prod"}};
  EXPECT_THAT(
      records(OutputFormat::kJson, text),
      ElementsAre(R"({env="prod", host="web1", queue="mail", source="app"} : length=5 state=ok)"));
}

TEST_F(RecordMakerTest, TakenLabelsAreExported) {
  spec_.labels = {{"env", "prod"}};
  EXPECT_THAT(
      records(OutputFormat::kPrometheus, "a{host=\"h\",source=\"s\",env=\"dev\",x=\"1\"} 1\n"),
      ElementsAre(
          R"({env="prod", exported_env="dev", exported_host="h", exported_source="s", host="web1", source="app", x="1"} : a=1)"));
}

TEST_F(RecordMakerTest, WhatIsMoreThanAStreamMayHaveAreFields) {
  limits_.max_label_names = 3;
  limits_.max_fields = 4;
  EXPECT_THAT(records(OutputFormat::kPrometheus, "a{x=\"1\",y=\"2\"} 1\n"),
              ElementsAre(R"({host="web1", source="app", x="1"} : a=1 y=2)"));
  EXPECT_THAT(records(OutputFormat::kPrometheus, "a 1\nb 2\nc 3\nd 4\ne 5\nf{x=\"1\",y=\"1\"} 6\n"),
              ElementsAre(R"({host="web1", source="app"} : a=1 b=2 c=3 d=4)",
                          R"({host="web1", source="app"} : e=5)",
                          R"({host="web1", source="app", x="1"} : f=6 y=1)"));
}

TEST_F(RecordMakerTest, NagiosHasALineAndAStatus) {
  EXPECT_THAT(records(OutputFormat::kNagios, "LOAD WARNING - high|load1=5.5;5;10\n", 1),
              ElementsAre(R"({host="web1", source="app"} LOAD WARNING - high: load1=5.5 )"
                          R"(load1_critical=10 load1_warning=5 status=1)"));
}

TEST_F(RecordMakerTest, TimesOutOfBoundsAreLeftOut) {
  limits_.max_age = std::chrono::hours(1);
  EXPECT_THAT(records(OutputFormat::kPrometheus, "a 1 1\nb 2 1800000000000\nc 3\n"),
              ElementsAre(R"({host="web1", source="app"} : c=3)"));
  EXPECT_EQ(outcome_.num_out_of_time, 2U);
}

TEST_F(RecordMakerTest, LabelsWithTooManyValuesAreFields) {
  FakeClock clock(kNow);
  Logger logger(clock, LogLevel::kError);
  ingest::LabelGuard guard(2, logger);
  RecordBatch batch;
  RecordMaker(spec_, "web1", limits_, &guard)
      .add(read(OutputFormat::kPrometheus, "a{id=\"1\"} 1\na{id=\"2\"} 2\na{id=\"3\"} 3\n"), kNow,
           batch);
  ASSERT_EQ(batch.num_rows(), 3U);
  EXPECT_EQ(batch.stream(1).labels.get("id"), "2");
  EXPECT_EQ(batch.stream(2).labels.get("id"), "");
  EXPECT_EQ(to_string(*batch.field(2, "id")), "3");
}

TEST_F(RecordMakerTest, OddNamesBecomeNames) {
  EXPECT_THAT(records(OutputFormat::kPrometheus, "{\"my.metric\",\"a b\"=\"1\"} 1\nx:y 2\n"),
              ElementsAre(R"({a_b="1", host="web1", source="app"} : my_metric=1)",
                          R"({host="web1", source="app"} : x_y=2)"));
}

class CustomPageTest : public testing::Test {
 protected:
  CustomPageTest() {
    app_.name = "app";
    db_.name = "db";
  }
  void show(const CollectorSpec& spec, OutputFormat format, std::string text) {
    auto readings = std::make_shared<const Readings>(read(format, std::move(text)));
    const std::size_t series = readings->num_series();
    page_.show(spec,
               {.readings = std::move(readings), .up = true, .seconds = 0.5, .num_series = series});
  }
  std::string text() {
    host::Exposition page;
    page.gauge("taken", "Of the host").add(1);
    page_.expose(page);
    std::string all = page.take();
    return all.substr(0, all.find("# HELP livedata_collector_up"));
  }

  CollectorSpec app_;
  CollectorSpec db_;
  CustomPage page_;
};

TEST_F(CustomPageTest, FamiliesOfSeveralCollectorsStandTogether) {
  show(app_, OutputFormat::kPrometheus,
       "# HELP up_total Ups\n# TYPE up_total counter\nup_total{a=\"x\\n\"} 1\nother 2\ntaken 5\n"
       "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"
       "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 3\ns_count 2\n");
  show(db_, OutputFormat::kPrometheus, "up_total{source=\"here\",__name__=\"x\"} NaN\n");
  const std::string expected = R"(# HELP taken Of the host
# TYPE taken gauge
taken 1
# HELP h 
# TYPE h histogram
h_bucket{source="app",le="1"} 1
h_bucket{source="app",le="+Inf"} 2
h_sum{source="app"} 3
h_count{source="app"} 2
# HELP other 
# TYPE other untyped
other{source="app"} 2
# HELP s 
# TYPE s summary
s{source="app",quantile="0.5"} 1
s_sum{source="app"} 3
s_count{source="app"} 2
# HELP up_total Ups
# TYPE up_total counter
)";
  // Which of the two comes first is not said.
  const std::string shown = text();
  EXPECT_EQ(shown.substr(0, expected.size()), expected);
  EXPECT_THAT(shown, HasSubstr("up_total{source=\"app\",a=\"x\\n\"} 1\n"));
  EXPECT_THAT(shown, HasSubstr("up_total{source=\"db\",exported_source=\"here\"} NaN\n"));
}

TEST_F(CustomPageTest, OtherFormatsHaveTheCollectorsName) {
  show(app_, OutputFormat::kJson,
       "{\"queue\":\"mail\",\"length\":5,\"paused\":true}\n{\"queue\":\"mail\",\"length\":6}\n"
       "{\"queue\":\"fax\",\"length\":7}\n");
  EXPECT_THAT(text(), HasSubstr("# TYPE app_length untyped\n"
                                "app_length{source=\"app\",queue=\"mail\"} 5\n"
                                "app_length{source=\"app\",queue=\"fax\"} 7\n"));
  EXPECT_THAT(text(), HasSubstr("app_paused{source=\"app\",queue=\"mail\"} 1\n"));
  app_.stream_labels.emplace();
  show(app_, OutputFormat::kLogfmt, "at=2024-01-02T03:04:05Z length=5\n");
  EXPECT_THAT(text(), HasSubstr("app_length{source=\"app\"} 5\n"));
}

TEST_F(CustomPageTest, ShowsHowCollectorsFare) {
  show(app_, OutputFormat::kLogfmt, "a=1 b=2\n");
  page_.show(db_, {.readings = nullptr, .up = false, .seconds = 10});
  host::Exposition page;
  page_.expose(page);
  const std::string all = page.take();
  EXPECT_THAT(all, HasSubstr("livedata_collector_up{collector=\"app\"} 1\n"));
  EXPECT_THAT(all, HasSubstr("livedata_collector_up{collector=\"db\"} 0\n"));
  EXPECT_THAT(all, HasSubstr("livedata_collector_duration_seconds{collector=\"db\"} 10\n"));
  EXPECT_THAT(all, HasSubstr("livedata_collector_series{collector=\"app\"} 2\n"));
}

}  // namespace
}  // namespace livedata::collect::custom
