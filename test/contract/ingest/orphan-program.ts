/** Decodes the sources named on the command line until it is killed; prints a line when started. */
import { CameraIngest } from "../../../edge/ingest/index.ts";
import { systemClock } from "../../../protocol/index.ts";
import { camera, recordingLog } from "../../edge/ingest/camera-fixture.ts";

for (const source of process.argv.slice(2)) {
  new CameraIngest({
    camera: camera({ source }),
    clock: systemClock,
    random: () => 0.5,
    log: recordingLog().log,
    onFrame: () => undefined,
    onState: () => undefined,
  }).start();
}
console.log("started");
