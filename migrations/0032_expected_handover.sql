-- When units should be handed over by the plan and by the more urgent requests that were
-- expected to come before it.
ALTER TABLE handover_forecast ADD COLUMN expected_at timestamptz;
UPDATE handover_forecast SET expected_at = planned_at;
ALTER TABLE handover_forecast
	ALTER COLUMN expected_at SET NOT NULL,
	ADD CONSTRAINT handover_forecast_expected CHECK (expected_at >= planned_at);
