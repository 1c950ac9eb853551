// Versions as numbers. Old syntax on purpose: see setup.mjs.

export var REQUIRED_NODE = "20.11.0";

/** "v20.11.1-rc.1" → [20, 11, 1]; a missing or unreadable part counts as 0. */
export function parseVersion(text) {
  var parts = String(text).replace(/^v/, "").split(/[-+]/)[0].split(".");
  return [0, 1, 2].map(function (index) {
    var value = parseInt(parts[index], 10);
    return isNaN(value) ? 0 : value;
  });
}

/** Negative, zero or positive as `a` is older than, equal to or newer than `b`. */
export function compareVersions(a, b) {
  var left = parseVersion(a);
  var right = parseVersion(b);
  for (var index = 0; index < 3; index++) {
    if (left[index] !== right[index]) {
      return left[index] - right[index];
    }
  }
  return 0;
}

export function isAtLeast(version, required) {
  return compareVersions(version, required) >= 0;
}
