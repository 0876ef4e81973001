-- Pages of what was asked for are read by key, and each request's deliveries with it.
CREATE INDEX request_of_hospital ON request (hospital_id, created_at DESC, id DESC);
CREATE INDEX delivery_of_request ON delivery (request_id, created_at DESC);
