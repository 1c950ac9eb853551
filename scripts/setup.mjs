// Sets up whatever is missing before `npm start` and `npm test`. It runs before anything is
// installed, so it and scripts/setup/ use Node alone. This file and version.mjs keep to syntax that
// an old Node can read, so that it can be told that it is too old.
import { REQUIRED_NODE, isAtLeast } from "./setup/version.mjs";

var HELP = [
  "Usage: node scripts/setup.mjs [start|test|footage|console]",
  "",
  "  start    what `npm start` needs: packages, FFmpeg, models, footage, the control room's page",
  "  test     what `npm test` needs: the same, redis-server and Chromium",
  "  footage  the demonstration footage alone",
  "  console  the control room's page alone",
  "",
  "What is there already is left as it is; a second run takes less than a second.",
].join("\n");

function main() {
  var mode = process.argv[2] || "start";
  if (mode === "--help" || mode === "-h") {
    console.log(HELP);
    return;
  }
  if (!isAtLeast(process.version, REQUIRED_NODE)) {
    fail(
      "Node " + REQUIRED_NODE + " or newer is needed, and this is Node " + process.version + ".",
    );
    return;
  }
  import("./setup/plan.mjs")
    .then(function (plan) {
      return plan.setUp(mode);
    })
    .catch(function (error) {
      fail(error && error.sentence ? error.sentence : "Set-up failed: " + (error && error.stack));
    });
}

function fail(sentence) {
  console.error("\n" + sentence);
  process.exitCode = 1;
}

main();
