#include "query/text_template/template.h"

#include "query/text_template/execution.h"

namespace livedata::query::text_template {

class Template::Compiled {
 public:
  explicit Compiled(Parsed p) : parsed(std::move(p)) {}
  Parsed parsed;
};

Result<Template> Template::parse(std::string_view text) {
  LIVEDATA_TRY(Parsed parsed, parse_template(text));
  return Template(std::make_shared<const Compiled>(std::move(parsed)));
}

Result<void> Template::run(const Data& data, std::string& out) const {
  return execute(compiled_->parsed.block, data, out);
}

const std::set<std::string>& Template::fields() const { return compiled_->parsed.fields; }
bool Template::reads_all() const { return compiled_->parsed.reads_all; }
bool Template::reads_line() const { return compiled_->parsed.reads_line; }

}  // namespace livedata::query::text_template
