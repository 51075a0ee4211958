-- Which accounts can this text mean, best first, and why each?
--
-- Keys by value or beginning (tier 1 and 2), all words of name and address (3), words like them (4).
-- The order of the columns is a contract; so is that nothing but this one call reaches the search: it
-- runs past row security with a tenant predicate of its own (023-account-search.sql).
--
-- Parameters: text, how_many (one more than is shown tells that there are more).
-- Indexes: those named …_search_… and of the schema search. Cost at 400,000 accounts: keys 2 ms, words
-- 4 to 25 ms, typing errors 5 to 40 ms.
select
    f.contract_id,
    f.contract_number,
    f.contract_status,
    f.person_id,
    f.holder,
    f.toma_number,
    f.address,
    f.municipality,
    f.tier,
    f.matched_by,
    f.matched_value,
    f.score
from supra.account_search(%(text)s, %(how_many)s) as f
