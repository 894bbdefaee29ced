#pragma once

#include <string>

#include "query/text_template/nodes.h"
#include "query/text_template/template.h"

namespace livedata::query::text_template {

/// Appends what a parsed template makes of the data.
Result<void> execute(const Block& block, const Data& data, std::string& out);

}  // namespace livedata::query::text_template
