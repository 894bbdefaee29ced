#include <duckdb/common/arrow/arrow_converter.hpp>
#include <duckdb/common/arrow/arrow_type_extension.hpp>
#include <duckdb/main/client_context.hpp>

#include "query/sql/answer_encoder.h"
#include "query/sql/arrow_message.h"

namespace livedata::query::sql {
namespace {

/// What the C data interface hands over is released by its own function.
template <class Struct>
struct Owned {
  Struct value{};
  Owned() = default;
  ~Owned() {
    if (value.release != nullptr) value.release(&value);
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
};

class ArrowEncoder : public AnswerEncoder {
 public:
  void begin(const AnswerColumns& columns, std::string& out) override {
    options_ = columns.context->GetClientProperties();
    duckdb::vector<duckdb::LogicalType> types;
    duckdb::vector<duckdb::string> names;
    for (std::size_t i = 0; i < columns.names.size(); ++i) {
      types.push_back(columns.types[i]);
      names.push_back(columns.names[i]);
    }
    duckdb::ArrowConverter::ToArrowSchema(&schema_.value, types, names, options_);
    append_arrow_schema(schema_.value, out);
  }
  void add(duckdb::DataChunk& rows, std::string& out) override {
    Owned<ArrowArray> batch;
    duckdb::ArrowConverter::ToArrowArray(rows, &batch.value, options_, {});
    append_arrow_batch(schema_.value, batch.value, out);
  }
  void end(const AnswerSummary&, std::string& out) override { append_arrow_end(out); }

 private:
  duckdb::ClientProperties options_;
  Owned<ArrowSchema> schema_;
};

}  // namespace

std::unique_ptr<AnswerEncoder> make_arrow_encoder() { return std::make_unique<ArrowEncoder>(); }

}  // namespace livedata::query::sql
