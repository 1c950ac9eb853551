/** Serves video files as live RTSP cameras, for the demonstration, fault tests and benchmarks. */
export { DEFAULT_CACHE_FOLDER, startCameraServer } from "./camera-server.ts";
export type { CameraServer, CameraServerOptions } from "./camera-server.ts";
export type { TranscodeProgress } from "./clip-library.ts";
export type { Credentials } from "./digest-auth.ts";
export type { ClientStarted, ClientStatus } from "./mount.ts";
export type { ConnectionLimits } from "./rtsp-connection.ts";
