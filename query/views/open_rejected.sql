-- Rows of rejected that are still open: those whose bytes were read again and
-- gave records (trailwright rejected replay) are in the table replayed, and not
-- here.
SELECT *
FROM rejected
WHERE NOT EXISTS (SELECT 1 FROM replayed WHERE replayed.rejected_id = rejected.rejected_id)
