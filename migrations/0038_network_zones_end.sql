-- A zone of the network's files ends when they name it no more. One that they name again counts
-- again.
ALTER TABLE zone DROP CONSTRAINT zone_check3;
