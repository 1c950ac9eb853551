/** Cameras and rules: the list, and one camera with its picture and its rules. */
import { useTranslation } from "react-i18next";
import { createCameraApi, partOf, refOf } from "../../model/cameras/index.ts";
import { useRoute } from "../context.tsx";
import { CameraPage } from "./camera-page.tsx";
import { bringWords, CameraProvider } from "./context.tsx";
import { CameraListPage } from "./list-page.tsx";
import "../../styles/cameras.css";

/** Made here and not at the start: this page comes when it is asked for. */
const api = createCameraApi((input, init) => fetch(input, init));

export function CamerasPage() {
  const { i18n } = useTranslation();
  const { part } = useRoute();
  bringWords(i18n);
  const ref = part === null ? null : refOf(part);
  return (
    <CameraProvider value={api}>
      {ref === null ? <CameraListPage /> : <CameraPage key={partOf(ref)} cameraRef={ref} />}
    </CameraProvider>
  );
}
