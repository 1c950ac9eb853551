/** `GET /v1/playbooks`: the six joint mechanisms (六联), their event types and what came of them. */
import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { z } from "zod";
import {
  formatTime,
  type Mechanism,
  mechanismSchema,
  type PlaybookList,
  playbookListSchema,
  problemSchema,
} from "../../protocol/index.ts";
import { inScope } from "../store/index.ts";
import type { ReportsInput } from "./ports.ts";

interface Playbook {
  readonly zh: string;
  readonly en: string;
  readonly aim: { readonly zh: string; readonly en: string };
}

const PLAYBOOKS: Readonly<Record<Mechanism, Playbook>> = {
  mediation: {
    zh: "矛盾联调",
    en: "Joint mediation",
    aim: {
      zh: "司法所、派出所与村(社区)调解组织共同化解矛盾, 自愿, 不对人评分",
      en: "Justice office, police station and village mediators settle disputes together; voluntary, nobody is scored",
    },
  },
  security: {
    zh: "治安联防",
    en: "Joint security",
    aim: {
      zh: "派出所、专职防范力量与网格共同处置治安事件",
      en: "Police, guards and grids answer security events together",
    },
  },
  "key-sites": {
    zh: "重点联动",
    en: "Joint action at key sites",
    aim: {
      zh: "校园、线路、水域、人员密集与危险源处的部门联动",
      en: "Departments act at once at schools, lines, waters, crowds and hazards",
    },
  },
  "focus-problems": {
    zh: "突出问题联治",
    en: "Joint treatment of focus problems",
    aim: {
      zh: "对反复出现的市容、消防、环境与交通问题联合整治",
      en: "What keeps coming back in streets, fire lanes, air and traffic is treated jointly",
    },
  },
  services: {
    zh: "服务管理联抓",
    en: "Joint services",
    aim: {
      zh: "救助、急救与出租房屋安全等服务, 不按户籍差别对待",
      en: "Help, first aid and safe housing, the same for everybody wherever registered",
    },
  },
  "safe-town": {
    zh: "平安联创",
    en: "Joint work for a safe town",
    aim: {
      zh: "岗口与感知设备由各方共同维护",
      en: "Gates and devices are kept in order by all",
    },
  },
};

const querySchema = z.object({ days: z.coerce.number().int().min(1).max(366).default(30) });
const DAY_MS = 86_400_000;

export function playbookRoutes({ db, clock }: ReportsInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/playbooks",
      schema: {
        summary: "The six joint mechanisms",
        tags: ["console"],
        querystring: querySchema,
        response: { 200: playbookListSchema, default: problemSchema },
      },
      config: { permission: "report.view" },
      handler: async (request): Promise<PlaybookList> => {
        const { days } = request.query as z.infer<typeof querySchema>;
        const since = new Date(clock.now() - days * DAY_MS);
        const seen = db
          .selectFrom("case_file")
          .selectAll()
          .where((eb) => inScope(eb, request.viewer));
        const { rows } = await sql<Counted>`
          select mechanism, array_agg(distinct playbook.event_type) as event_types,
              count(case_file.id)::int as cases,
              (count(*) filter (where state not in ('REJECTED', 'MERGED', 'CLOSED', 'EVALUATED',
                'CANCELLED', 'ARCHIVED')))::int as open,
              count(dispatched_at)::int as dispatched,
              (count(*) filter (where dispatched_at - reported_at
                <= make_interval(secs => dispatch_limit_ms / 1000.0)))::int as dispatched_in_time,
              (count(*) filter (where exists (select from incident_event
                join report on report.event_id = incident_event.event_id
                where incident_event.incident_id = case_file.incident_id)))::int as from_people
            from playbook
            left join ${seen} as case_file on case_file.event_type = playbook.event_type
              and case_file.reported_at >= ${since}
            group by mechanism`.execute(db);
        const counted = new Map(rows.map((row) => [row.mechanism, row]));
        return {
          since: formatTime(since.getTime()),
          playbooks: mechanismSchema.options.map((mechanism) => ({
            mechanism,
            ...PLAYBOOKS[mechanism],
            ...countsOf(counted.get(mechanism)),
          })),
        };
      },
    });
  };
}

interface Counted {
  readonly mechanism: Mechanism;
  readonly event_types: readonly string[];
  readonly cases: number;
  readonly open: number;
  readonly dispatched: number;
  readonly dispatched_in_time: number;
  readonly from_people: number;
}

/** A mechanism that a town has no event types for has no row. */
function countsOf(row: Counted | undefined) {
  return {
    eventTypes: [...(row?.event_types ?? [])],
    cases: row?.cases ?? 0,
    open: row?.open ?? 0,
    dispatched: row?.dispatched ?? 0,
    dispatchedInTime: row?.dispatched_in_time ?? 0,
    fromPeople: row?.from_people ?? 0,
  };
}
