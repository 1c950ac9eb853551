import type {
  AreaGeometry,
  RegisteredCamera,
  TownRecord,
  TownSettings,
} from "../../../protocol/index.ts";
import type { DepartmentAdministration } from "./administration.ts";
import type { Json, NullableJson, Time } from "./column.ts";

export interface DirectoryImportTable {
  version: number;
  imported_at: Time;
  actor: string;
  reason: string | null;
  digest: string;
  settings: Json<TownSettings>;
  counts: Json<Readonly<Record<string, number>>>;
}

export interface AreaTable {
  code: string;
  level: TownRecord["areas"][number]["level"];
  parent: string | null;
  scheme: string;
  zh: string;
  en: string;
  geometry: NullableJson<AreaGeometry>;
  enabled: boolean;
}

export interface DepartmentTable extends DepartmentAdministration {
  code: string;
  id: string;
  zh: string;
  en: string;
  note: string;
  enabled: boolean;
}

export interface DisposalUnitTable {
  code: string;
  department: string;
  kind: TownRecord["units"][number]["kind"];
  zh: string;
  en: string;
  phone: string;
  enabled: boolean;
}

export interface BusinessLineTable {
  code: string;
  zh: string;
  en: string;
  video_link: string;
  /** Whether the line works; `listed` is whether it is in the directory. */
  enabled: boolean;
  listed: boolean;
}

export interface CameraRegistrationTable {
  node_id: string;
  camera_id: string;
  active: boolean;
  lat: number;
  lon: number;
  in_use_since: string | null;
  filed_on: string | null;
  record: Json<RegisteredCamera>;
  enabled: boolean;
}

export interface CameraNeighbourTable {
  from_camera: string;
  to_camera: string;
  min_s: number;
  typical_s: number;
  max_s: number;
}

export interface ResponderTable {
  id: string;
  department: string;
  unit: string | null;
  name: string;
  duty: TownRecord["responders"][number]["duty"];
  phone: string;
  enabled: boolean;
}

export interface DutyShiftTable {
  responder: string;
  area: string;
  rank: number;
  days: string;
  from_time: string;
  to_time: string;
  first_day: string | null;
  last_day: string | null;
}

export interface WorkingHoursTable {
  day: number;
  from_time: string;
  to_time: string;
}

export interface CalendarDayTable {
  date: string;
  kind: TownRecord["days"][number]["kind"];
  name: string;
}

/** Tables of `migrations/*-directory.sql`. */
export interface DirectorySchema {
  directory_import: DirectoryImportTable;
  area: AreaTable;
  department: DepartmentTable;
  disposal_unit: DisposalUnitTable;
  business_line: BusinessLineTable;
  camera_registration: CameraRegistrationTable;
  camera_neighbour: CameraNeighbourTable;
  responder: ResponderTable;
  duty_shift: DutyShiftTable;
  working_hours: WorkingHoursTable;
  calendar_day: CalendarDayTable;
}
