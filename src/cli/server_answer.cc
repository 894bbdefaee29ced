#include "cli/server_answer.h"

#include "cli/client/server_request.h"

namespace livedata::cli {

Result<std::string> ask_server(const std::string& address, const std::string& path_and_query) {
  LIVEDATA_TRY(const server::ClientResponse response,
               send_to_server(address, {.target = path_and_query}));
  if (response.status == 200) return response.body;
  std::string message = response.body;
  while (message.ends_with('\n')) message.pop_back();
  return fail(response.status == 400 ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable, "{}",
              message);
}

}  // namespace livedata::cli
