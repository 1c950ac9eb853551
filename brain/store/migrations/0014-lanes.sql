-- A lane reads what waits for its endpoint in this very order, and no further than it has room.
drop index delivery_due;
create index delivery_due on delivery (endpoint_id, next_attempt_at, id) where state = 'PENDING';

-- Whether a task has an earlier message is one look: of the task alone, the planner of a young
-- database reads all deliveries there ever were as well.
drop index delivery_by_task;
create index delivery_by_task on delivery (task_id, id);
