import { expect, it } from "vitest";
import { parseTarget } from "../../../demo/camera-server/rtsp-target.ts";

it.each([
  ["*", { kind: "server" }],
  ["rtsp://h:8554", { kind: "server" }],
  ["rtsp://h:8554/gate", { kind: "mount", name: "gate", isTrack: false }],
  ["RTSP://u:p@h/gate/?x=/a", { kind: "mount", name: "gate", isTrack: false }],
  ["rtsp://[::1]:8554/gate/trackID=0", { kind: "mount", name: "gate", isTrack: true }],
  ["rtsp://h/gate/trackID=1", { kind: "unknown" }],
  ["rtsp://h/a/b/c", { kind: "unknown" }],
  ["rtsp://h/%2e%2e", { kind: "unknown" }],
  ["http://h/gate", undefined],
  ["gate", undefined],
])("reads %s", (uri, expected) => {
  expect(parseTarget(uri)).toEqual(expected);
});
